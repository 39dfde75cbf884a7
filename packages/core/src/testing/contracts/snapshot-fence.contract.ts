import { describe, expect, test } from "vitest";
import type { Lease } from "../../burst/job.ts";
import { FencedError } from "../../burst/job-journal.ts";
import type { JobStore } from "../../burst/job-store.ts";
import type { Clock } from "../../lib/clock.ts";
import { newId } from "../../lib/id.ts";
import type { SnapshotRecord, SnapshotStore } from "../../workspace/snapshot-store.ts";
import { DONE, jobSetting, TENANT } from "./job-setting.ts";

export interface SnapshotsBesideJobs {
  readonly jobs: JobStore;
  readonly snapshots: SnapshotStore;
}

/** What every SnapshotStore keeps of the commits of workers. */
export function snapshotFenceContract(
  name: string,
  make: (clock: Pick<Clock, "now">) => SnapshotsBesideJobs,
): void {
  let stores: SnapshotsBesideJobs;
  const { start, leaseUntil, claimed } = jobSetting((clock) => {
    stores = make(clock);
    return stores.jobs;
  });

  async function running() {
    const { lease } = await claimed();
    return { ...stores, lease, first: record(`p-${crypto.randomUUID()}`, lease) };
  }

  describe(`${name} as SnapshotStore, for workers`, () => {
    test("who holds the job commits, and the snapshot says whose it is", async () => {
      const { snapshots, lease, first } = await running();
      expect(await snapshots.commit(TENANT, first, lease)).toBe(true);
      expect(await snapshots.get(TENANT, first.project, 1)).toEqual(first);
    });

    const losses: Record<string, (jobs: JobStore, lease: Lease) => Promise<unknown>> = {
      "gave its lease back": (jobs, lease) => jobs.release(lease, start),
      "lost its lease": (jobs, lease) => jobs.expire(lease, undefined, start),
      "has ended": (jobs, lease) => jobs.finish(lease, DONE, start),
      "was replaced": async (jobs, lease) => {
        await jobs.release(lease, start);
        await jobs.claim(TENANT, lease.id, { worker: "w-2", leaseUntil, now: start });
      },
    };
    test.each(Object.keys(losses))("a worker that %s commits nothing", async (what) => {
      const { snapshots, jobs, lease, first } = await running();
      await losses[what]?.(jobs, lease);
      await expect(snapshots.commit(TENANT, first, lease)).rejects.toBeInstanceOf(FencedError);
      expect(await snapshots.head(TENANT, first.project)).toBeUndefined();
    });

    test("a job that nobody knows commits nothing", async () => {
      const { snapshots, first } = await running();
      const lease = { tenant: TENANT, id: newId("task"), fence: 1 };
      await expect(snapshots.commit(TENANT, first, lease)).rejects.toBeInstanceOf(FencedError);
    });

    test("who is late for the head is told so, and may come again", async () => {
      const { snapshots, lease, first } = await running();
      await snapshots.commit(TENANT, { ...first, author: "other" });
      expect(await snapshots.commit(TENANT, first, lease)).toBe(false);
      expect(await snapshots.commit(TENANT, { ...first, number: 2 }, lease)).toBe(true);
    });
  });
}

function record(project: string, { id: job }: Lease): SnapshotRecord {
  return {
    project,
    number: 1,
    root: "1".padStart(64, "0"),
    packs: [],
    files: 1,
    bytes: 1,
    author: "ada",
    message: "",
    createdAt: 1_790_000_000_000,
    job,
  };
}
