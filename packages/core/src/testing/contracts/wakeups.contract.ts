import { describe, expect, test } from "vitest";
import { MAX_WAKE_SECONDS, type Wakeup, type Wakeups } from "../../burst/wakeups.ts";
import { newId } from "../../lib/id.ts";

/** Wakeups with a consumer: what has come due once so many seconds have passed, each once. */
export interface ConsumedWakeups {
  readonly wakeups: Wakeups;
  receiveAfter(seconds: number): Promise<readonly Wakeup[]>;
}

/** What every Wakeups promises, where nothing fails. */
export function wakeupsContract(name: string, make: () => Promise<ConsumedWakeups>): void {
  const wakeup = (kind: Wakeup["kind"]): Wakeup => ({ kind, tenant: "t-a", id: newId("task") });

  describe(`${name} as Wakeups`, () => {
    test("a wakeup comes when its time has passed, and not before", async () => {
      const { wakeups, receiveAfter } = await make();
      const [soon, late, now] = [wakeup("watch"), wakeup("retry"), wakeup("watch")];
      await wakeups.wake(late, MAX_WAKE_SECONDS);
      await wakeups.wake(soon, 30);
      await wakeups.wake(now, 0);
      expect(await receiveAfter(0)).toEqual([now]);
      expect(await receiveAfter(25)).toEqual([]);
      expect(await receiveAfter(10)).toEqual([soon]);
      expect(await receiveAfter(MAX_WAKE_SECONDS)).toEqual([late]);
    });

    test("the same wakeup ordered twice comes twice", async () => {
      const { wakeups, receiveAfter } = await make();
      const one = wakeup("watch");
      await wakeups.wake(one, 0);
      await wakeups.wake(one, 0);
      expect(await receiveAfter(1)).toEqual([one, one]);
    });

    test.each([-1, 0.5, 901, Number.NaN])("%s seconds are refused", async (seconds) => {
      const { wakeups, receiveAfter } = await make();
      await expect(wakeups.wake(wakeup("watch"), seconds)).rejects.toThrow(RangeError);
      expect(await receiveAfter(1)).toEqual([]);
    });
  });
}
