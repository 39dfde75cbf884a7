import { HOUR } from "@zenode/core";
import { describe, expect, test } from "vitest";
import { admitRegistration, type RegistrationRate } from "../../client/registration-rate.ts";

/** What every RegistrationRate keeps. Who asks, and the hour, are new in each test, so one store serves all. */
export function registrationRateContract(name: string, make: () => RegistrationRate): void {
  const setUp = () => {
    const hour = 500_000 + Math.floor(Math.random() * 1e6);
    return { rate: make(), who: crypto.randomUUID(), endsAt: hour * HOUR };
  };

  describe(`${name} keeps the contract of RegistrationRate`, () => {
    test("of a hundred at once exactly as many as may are counted", async () => {
      const { rate, who, endsAt } = setUp();
      const counts = Array.from({ length: 100 }, () => rate.count(who, endsAt, 20));
      expect((await Promise.all(counts)).filter(Boolean)).toHaveLength(20);
      expect(await rate.count(who, endsAt, 20)).toBe(false);
      expect(await rate.count(who, endsAt, 21)).toBe(true);
      expect(await rate.count(who, endsAt, 21)).toBe(false);
    });

    test("others, and other windows, have counts of their own", async () => {
      const { rate, who, endsAt } = setUp();
      expect(await rate.count(who, endsAt, 1)).toBe(true);
      expect(await rate.count(who, endsAt, 1)).toBe(false);
      expect(await rate.count(`${who}2`, endsAt, 1)).toBe(true);
      expect(await rate.count(who, endsAt + HOUR, 1)).toBe(true);
    });

    test("of none nobody is counted", async () => {
      const { rate, who, endsAt } = setUp();
      expect(await rate.count(who, endsAt, 0)).toBe(false);
      expect(await rate.count(who, endsAt, 1)).toBe(true);
    });

    test("a hundred registrations at once from one address let its limit through, and others their own", async () => {
      const { rate, who, endsAt } = setUp();
      const limits = { perAddress: 20, inAll: 30 };
      const admit = (address: string) =>
        admitRegistration(rate, { address, now: endsAt - 90_500 }, limits);
      const flood = await Promise.all(Array.from({ length: 100 }, () => admit(who)));
      expect(flood.filter((wait) => wait === undefined)).toHaveLength(20);
      expect(flood.filter((wait) => wait === 91)).toHaveLength(80);
      // Those that were refused for their address took nothing from what there is for all.
      const others = Array.from({ length: 25 }, (_, at) => admit(`${who}-${at}`));
      const waits = await Promise.all(others);
      expect(waits.filter((wait) => wait === undefined)).toHaveLength(10);
    });
  });
}
