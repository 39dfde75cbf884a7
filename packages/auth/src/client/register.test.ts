import { DAY, HOUR, MINUTE } from "@zenode/core";
import { expect, test } from "vitest";
import { MemoryClientStore } from "../testing/client-store-memory.ts";
import { MemoryRegistrationRate } from "../testing/registration-rate-memory.ts";
import type { Client } from "./client.ts";
import { ClientRegistration } from "./register.ts";
import type { RegistrationLimits } from "./registration-rate.ts";
import { StoredClients } from "./stored-clients.ts";

/** Ten minutes into an hour. */
const NOW = 500_000 * HOUR + 10 * MINUTE;
const BODY = { client_name: "Claude Code", redirect_uris: ["http://localhost:7/callback"] };

function setUp(limits: RegistrationLimits = { perAddress: 2, inAll: 3 }) {
  const store = new CountingStore();
  const clock = { now: NOW };
  return {
    store,
    clock,
    registration: new ClientRegistration({ store, rate: new MemoryRegistrationRate(), limits }),
    clients: new StoredClients({ store, clock: { now: () => clock.now } }),
  };
}

/** Counts what is written. */
class CountingStore extends MemoryClientStore {
  writes = 0;

  override async add(client: Client, expiresAt: number): Promise<void> {
    this.writes += 1;
    await super.add(client, expiresAt);
  }

  override async keep(id: string, expiresAt: number, now: number): Promise<void> {
    this.writes += 1;
    await super.keep(id, expiresAt, now);
  }
}

async function registerOne({ registration }: ReturnType<typeof setUp>): Promise<string> {
  const answer = await registration.register(BODY, "a1", NOW);
  if (answer.kind !== "registered") throw new Error(`It was ${answer.kind}.`);
  return answer.information.client_id;
}

test("who registers is found by the id that the answer gives, for a day", async () => {
  const desk = setUp();
  const answer = await desk.registration.register(BODY, "a1", NOW);
  expect(answer).toEqual({
    kind: "registered",
    information: {
      client_id: expect.stringMatching(/^client_[0-9a-f]{32}$/),
      client_id_issued_at: 1_800_000_600,
      client_name: "Claude Code",
      redirect_uris: ["http://localhost:7/callback"],
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  });
  const id = answer.kind === "registered" ? answer.information.client_id : "";
  const client = {
    ...{ id, kind: "registered", name: "Claude Code", native: true },
    redirectUris: ["http://localhost:7/callback"],
  };
  desk.clock.now = NOW + DAY - 1;
  expect(await desk.clients.find(id)).toEqual(client);
  desk.clock.now = NOW + DAY;
  expect(await desk.clients.find(id)).toBeUndefined();
});

test("each registration is a client of its own, also of the same body", async () => {
  const desk = setUp();
  expect(await registerOne(desk)).not.toBe(await registerOne(desk));
});

test("a client that users sign in with lives on, and is written when less than half of its time is left", async () => {
  const desk = setUp();
  const id = await registerOne(desk);
  const useAt = async (day: number) => {
    desk.clock.now = NOW + day * DAY;
    desk.store.writes = 0;
    await desk.clients.noteUse(id);
    return desk.store.writes;
  };
  expect([await useAt(0.5), await useAt(0.6), await useAt(45.5), await useAt(45.6)]).toEqual([
    1, 0, 0, 1,
  ]);
  // 45.6 and 90 days.
  desk.clock.now = NOW + 135.6 * DAY - 1;
  expect(await desk.clients.find(id)).toMatchObject({ id });
  desk.clock.now = NOW + 135.6 * DAY;
  expect(await desk.clients.find(id)).toBeUndefined();
  expect(await useAt(135.6)).toBe(0);
});

test("being looked for keeps no client, and writes nothing", async () => {
  const desk = setUp();
  const id = await registerOne(desk);
  desk.store.writes = 0;
  desk.clock.now = NOW + DAY - 1;
  await desk.clients.find(id);
  expect(desk.store.writes).toBe(0);
  desk.clock.now = NOW + DAY;
  expect(await desk.clients.find(id)).toBeUndefined();
});

test("a use of a client that is not of this registry is passed over", async () => {
  const desk = setUp();
  await desk.clients.noteUse("https://app.example/client.json");
  expect(await desk.clients.find("https://app.example/client.json")).toBeUndefined();
  expect(desk.store.writes).toBe(0);
});

test("an address that has registered enough is told when the hour is over; others go on, up to what all may", async () => {
  const { registration, store } = setUp();
  const kinds = async (address: string, now = NOW) =>
    (await registration.register(BODY, address, now)).kind;
  expect([await kinds("a1"), await kinds("a1")]).toEqual(["registered", "registered"]);
  expect(await registration.register(BODY, "a1", NOW + 1)).toEqual({
    kind: "too_many",
    retryAfterSeconds: 3_000,
  });
  expect([await kinds("a2"), await kinds("a3")]).toEqual(["registered", "too_many"]);
  expect(store.writes).toBe(3);
  expect(await registration.register(BODY, "a1", NOW + 50 * MINUTE - 1)).toEqual({
    kind: "too_many",
    retryAfterSeconds: 1,
  });
  expect(await kinds("a1", NOW + 50 * MINUTE)).toBe("registered");
});

test("what can't be registered is told why, stores nothing and takes nothing from the limits", async () => {
  const { registration, store } = setUp({ perAddress: 1, inAll: 1 });
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const body = { redirect_uris: ["javascript:alert(1)"] };
    expect(await registration.register(body, "a1", NOW)).toMatchObject({
      kind: "refused",
      error: { error: "invalid_redirect_uri" },
    });
  }
  expect(store.writes).toBe(0);
  expect((await registration.register(BODY, "a1", NOW)).kind).toBe("registered");
});

test("an operator who wants no registrations sets a limit of none", async () => {
  const { registration } = setUp({ perAddress: 20, inAll: 0 });
  expect((await registration.register(BODY, "a1", NOW)).kind).toBe("too_many");
});

test("a hundred registrations at once from one address store as many clients as may be", async () => {
  const { registration, store } = setUp({ perAddress: 20, inAll: 1_000 });
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => registration.register(BODY, "a1", NOW)),
  );
  expect(answers.filter(({ kind }) => kind === "registered")).toHaveLength(20);
  expect(store.writes).toBe(20);
});

test("an address is no other's by the way it is written", async () => {
  const { registration } = setUp({ perAddress: 1, inAll: 2 });
  const kinds: string[] = [];
  for (const address of ["all", "all", "x"]) {
    kinds.push((await registration.register(BODY, address, NOW)).kind);
  }
  expect(kinds).toEqual(["registered", "too_many", "registered"]);
});
