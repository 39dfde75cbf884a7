import { describe, expect, test } from "vitest";
import type { Clock } from "../../lib/clock.ts";
import { HOUR } from "../../lib/duration.ts";
import { MAX_SUBSCRIPTIONS, type Session, type SessionStore } from "../../session/session-store.ts";

/** A store that knows the time from the given clock. */
export type MakeSessionStore = (clock: Pick<Clock, "now">) => SessionStore | Promise<SessionStore>;

/** Of today: a table that really deletes what has expired must not take these items for old ones. */
const START = Date.now();

function newSession(): Session {
  return {
    id: crypto.randomUUID(),
    tenant: "t-contract",
    subject: "ada",
    clientId: "client-1",
    protocolVersion: "2025-11-25",
    initialize: {
      jsonrpc: "2.0",
      id: 0,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: { roots: { listChanged: true } } },
    },
    subscriptions: [],
    expiresAt: START + HOUR,
  };
}

/** What every SessionStore promises. Run it on the memory double and on each adapter. */
export function sessionStoreContract(name: string, make: MakeSessionStore): void {
  const clock = { time: START, now: () => clock.time };

  describe(`${name} as SessionStore`, () => {
    test("a session comes back as it was created", async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      expect(await store.get(session.tenant, session.id)).toEqual(session);
    });

    test("an unknown session, or another tenant's, is not found", async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      expect(await store.get(session.tenant, crypto.randomUUID())).toBeUndefined();
      expect(await store.get("t-other", session.id)).toBeUndefined();
    });

    test("an expired session is not found, deleted or not [session-expires]", async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      clock.time = START + HOUR + 1;
      try {
        expect(await store.get(session.tenant, session.id)).toBeUndefined();
      } finally {
        clock.time = START;
      }
    });

    test("the last log level set stays", async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      await store.setLogLevel(session.tenant, session.id, "debug");
      await store.setLogLevel(session.tenant, session.id, "error");
      expect((await store.get(session.tenant, session.id))?.logLevel).toBe("error");
    });

    test("subscriptions are a set: adding twice is adding once, removing is final", async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      for (const uri of ["test://a", "test://b", "test://a"]) {
        await store.subscribe(session.tenant, session.id, uri);
      }
      const both = await store.get(session.tenant, session.id);
      expect([...(both?.subscriptions ?? [])].sort()).toEqual(["test://a", "test://b"]);
      await store.unsubscribe(session.tenant, session.id, "test://a");
      await store.unsubscribe(session.tenant, session.id, "test://never");
      expect((await store.get(session.tenant, session.id))?.subscriptions).toEqual(["test://b"]);
      await store.unsubscribe(session.tenant, session.id, "test://b");
      expect((await store.get(session.tenant, session.id))?.subscriptions).toEqual([]);
    });

    test(`a session has at most ${MAX_SUBSCRIPTIONS} subscriptions; one it has already is none more`, async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      const subscribe = (number: number) =>
        store.subscribe(session.tenant, session.id, `test://${number}`);
      for (let number = 0; number < MAX_SUBSCRIPTIONS; number++) {
        expect(await subscribe(number)).toBe(true);
      }
      expect(await subscribe(MAX_SUBSCRIPTIONS)).toBe(false);
      expect(await subscribe(0)).toBe(true);
      const held = await store.get(session.tenant, session.id);
      expect(held?.subscriptions).toHaveLength(MAX_SUBSCRIPTIONS);
      await store.unsubscribe(session.tenant, session.id, "test://7");
      expect(await subscribe(MAX_SUBSCRIPTIONS)).toBe(true);
    });

    test("changing a session that is gone does not bring it back", async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      await store.delete(session.tenant, session.id);
      await store.setLogLevel(session.tenant, session.id, "debug");
      await store.subscribe(session.tenant, session.id, "test://a");
      await store.unsubscribe(session.tenant, session.id, "test://a");
      expect(await store.get(session.tenant, session.id)).toBeUndefined();
    });

    test("deleting tells whether there was one", async () => {
      const store = await make(clock);
      const session = newSession();
      await store.create(session);
      expect(await store.delete("t-other", session.id)).toBe(false);
      expect(await store.delete(session.tenant, session.id)).toBe(true);
      expect(await store.delete(session.tenant, session.id)).toBe(false);
      expect(await store.get(session.tenant, session.id)).toBeUndefined();
    });
  });
}
