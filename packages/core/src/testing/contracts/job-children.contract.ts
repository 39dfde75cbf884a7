import { describe, expect, test } from "vitest";
import type { Lease } from "../../burst/job.ts";
import type { ChildJob, JobStore } from "../../burst/job-store.ts";
import { HOUR, SECOND } from "../../lib/duration.ts";
import { type Id, newId } from "../../lib/id.ts";
import { makeJob } from "../make-job.ts";
import type { MakeJobStore } from "./job-setting.ts";

const TENANT = "t-contract";

/** What every JobStore promises about jobs that other jobs start. */
export function jobChildrenContract(name: string, make: MakeJobStore): void {
  const start = Date.now();
  const clock = { time: start, now: () => clock.time };
  const leaseUntil = start + 15 * SECOND;

  const newChild = (parent: Id<"task">, change: Partial<ChildJob> = {}): ChildJob => ({
    ...makeJob({}, { tenant: TENANT }, start),
    parent: { id: parent, index: 3, depth: 1, after: 7 },
    ...change,
  });

  async function running() {
    const store = await make(clock);
    const { parent: _, ...parent } = newChild(newId("task"));
    await store.create(parent);
    await claim(store, parent.id);
    const lease: Lease = { tenant: TENANT, id: parent.id, fence: 1 };
    await store.start(lease, start);
    return { store, parent, lease, child: newChild(parent.id) };
  }

  const claim = (store: JobStore, id: Id<"task">) =>
    store.claim(TENANT, id, { worker: "w-1", leaseUntil, now: start });

  describe(`${name} as JobStore, for children`, () => {
    test("a child comes back as it was stored, and is found from its parent", async () => {
      const { store, parent, lease, child } = await running();
      const other = newChild(parent.id, { input: { text: "x".repeat(100_000) } });
      expect(await store.children(TENANT, parent.id)).toEqual([]);
      expect(await store.createChild(child, lease)).toEqual(child);
      await store.createChild(other, lease);
      expect(await store.get(TENANT, child.id)).toEqual(child);
      expect((await claim(store, other.id))?.input).toEqual(other.input);
      const ids = await store.children(TENANT, parent.id);
      expect([...ids].sort()).toEqual([child.id, other.id].sort());
      expect(await store.children("t-other", parent.id)).toEqual([]);
      expect(await store.children(TENANT, child.id)).toEqual([]);
    });

    test("a child that is there comes back as it is now, ended or not", async () => {
      const { store, lease, child, parent } = await running();
      await store.createChild(child, lease);
      await claim(store, child.id);
      expect(await store.createChild(child, lease)).toMatchObject({ state: "claimed", fence: 1 });
      const outcome = { kind: "result", result: { content: [] } } as const;
      const own = { tenant: TENANT, id: child.id, fence: 1 };
      await store.finish(own, { state: "completed", outcome }, start);
      expect(await store.createChild(child, lease)).toMatchObject({ state: "completed", outcome });
      expect(await store.children(TENANT, parent.id)).toEqual([child.id]);
    });

    test("of one child called many times at once there is one", async () => {
      const { store, lease, child, parent } = await running();
      const made = await Promise.all([1, 2, 3].map(() => store.createChild(child, lease)));
      expect(made.map((one) => one?.id)).toEqual([child.id, child.id, child.id]);
      expect(await store.children(TENANT, parent.id)).toEqual([child.id]);
    });

    test("the same arguments under another parent, or called by a client, are other jobs", async () => {
      const [one, two] = [await running(), await running()];
      const callKey = crypto.randomUUID();
      const children = [
        newChild(one.parent.id, { callKey }),
        newChild(two.parent.id, { callKey }),
      ] as const;
      await one.store.createChild(children[0], one.lease);
      expect(await two.store.createChild(children[1], two.lease)).toEqual(children[1]);
    });

    const stops: Record<string, (store: JobStore, lease: Lease) => Promise<unknown>> = {
      "was asked to stop": (store, { id }) => store.cancel(TENANT, id, start),
      "gave its lease back": (store, lease) => store.release(lease, start),
      "lost its lease": (store, lease) => store.expire(lease, undefined, start),
      "is another worker's": async (store, lease) => {
        await store.release(lease, start);
        await claim(store, lease.id);
      },
      "has ended": (store, lease) => {
        const outcome = { kind: "error", code: "x", message: "x" } as const;
        return store.finish(lease, { state: "failed", outcome }, start);
      },
    };
    test.each(Object.keys(stops))("a parent that %s starts no child", async (what) => {
      const { store, lease, child } = await running();
      await stops[what]?.(store, lease);
      expect(await store.createChild(child, lease)).toBeUndefined();
      expect(await store.get(TENANT, child.id)).toBeUndefined();
      expect(await store.children(TENANT, lease.id)).toEqual([]);
    });

    test("a cancellation and a child at once: the child is not there, or found from its parent", async () => {
      for (let round = 0; round < 5; round += 1) {
        const { store, lease, child } = await running();
        const cancelled = store
          .cancel(TENANT, lease.id, start)
          .then(() => store.children(TENANT, lease.id));
        const [made, found] = await Promise.all([store.createChild(child, lease), cancelled]);
        expect(found).toEqual(made ? [child.id] : []);
      }
    });

    test("children and heartbeats are not in each other's way", async () => {
      const { store, parent, lease } = await running();
      const beat = () => store.heartbeat(lease, leaseUntil, start);
      for (let round = 0; round < 5; round += 1) {
        const child = newChild(parent.id);
        const [made, ...beats] = await Promise.all([
          store.createChild(child, lease),
          beat(),
          beat(),
        ]);
        expect(made?.id).toBe(child.id);
        expect(beats).toEqual([1, 2].map(() => ({ cancelRequested: false, inputs: [] })));
      }
    });

    test("dozens of children are found, and none whose time is over", async () => {
      const { store, parent, lease } = await running();
      for (let index = 0; index < 40; index += 1) {
        await store.createChild(newChild(parent.id), lease);
      }
      expect(new Set(await store.children(TENANT, parent.id)).size).toBe(40);
      clock.time = start + HOUR;
      expect(await store.children(TENANT, parent.id)).toEqual([]);
      clock.time = start;
    });
  });
}
