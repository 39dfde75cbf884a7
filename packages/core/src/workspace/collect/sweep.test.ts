import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../lib/duration.ts";
import { allPages } from "../../testing/all-pages.ts";
import { type Files, MemoryWorkspace } from "../../testing/workspace-memory.ts";
import { collectProject } from "./collect-project.ts";
import type { SweepReport } from "./sweep.ts";

const TENANT = "u-ada";
const NOTHING: SweepReport = {
  ...{ projects: 0, failed: 0, left: 0, forgotten: 0, erased: 0 },
  ...{ deletedPacks: 0, freedBytes: 0, keptPacks: 0, keptBytes: 0 },
};

/** A workspace, and a collector that keeps the newest two snapshots. */
class CollectedWorkspace extends MemoryWorkspace {
  collect(until?: number): Promise<SweepReport> {
    return this.sweep({ snapshotsKept: 2, daysKept: 1 }, until);
  }

  /** Pushes one after the other, an hour in between. */
  async pushAll(project: string, ...states: readonly Files[]): Promise<void> {
    for (const files of states) {
      await this.push(project, files);
      this.now += HOUR;
    }
  }

  async usedBytes(): Promise<number> {
    return (await this.usage.list(TENANT)).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  dues() {
    return allPages(this.due.due(Number.MAX_SAFE_INTEGER));
  }
}

test("what nobody can reach is removed two looks later, and is counted as freed", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.pushAll("app", { a: "1" }, { a: "2" }, { a: "3" }, { a: "4" });
  const stored = workspace.packs.bytes;
  expect(await workspace.collect()).toEqual(NOTHING);
  workspace.now += 30 * HOUR;
  expect(await workspace.collect()).toMatchObject({ projects: 1, forgotten: 2, deletedPacks: 0 });
  expect(await workspace.snapshots.get(TENANT, "app", 1)).toBeUndefined();
  workspace.now += 26 * HOUR;
  const report = await workspace.collect();
  expect(report).toMatchObject({ erased: 2, deletedPacks: 2, keptPacks: 2 });
  const packs = await allPages(workspace.packs.list(TENANT, "app"));
  const kept = packs.reduce((sum, { bytes }) => sum + bytes, 0);
  expect([report.keptBytes, await workspace.usedBytes()]).toEqual([kept, kept]);
  // Uploads stay until the lifecycle rule of `temp/`.
  expect(workspace.packs.bytes).toBe(stored - report.freedBytes);
  const snapshot = await workspace.projects().open("app");
  expect(new TextDecoder().decode(await snapshot.read("a", 10))).toBe("4");
});

test("a project is not looked at any more once nothing can become garbage by itself", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.pushAll("app", { a: "1" }, { a: "2" }, { a: "3" });
  for (let day = 0; day < 4; day += 1) {
    workspace.now += 26 * HOUR;
    await workspace.collect();
  }
  expect(await workspace.dues()).toEqual([]);
  await workspace.push("app", { a: "5" });
  expect(await workspace.dues()).toHaveLength(1);
});

test("a project that is deleted is looked at again, and all but its deletion goes", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.pushAll("app", { a: "1" }, { a: "2" });
  for (let day = 0; day < 3; day += 1) {
    workspace.now += 26 * HOUR;
    await workspace.collect();
  }
  expect(await workspace.dues()).toEqual([]);
  await workspace.projects().delete("app");
  expect(await workspace.dues()).toHaveLength(1);
  workspace.now += 26 * HOUR;
  expect(await workspace.collect()).toMatchObject({ forgotten: 2 });
  await expect(workspace.projects().openAt("app", 2)).rejects.toMatchObject({
    code: "not_found",
    message: "Snapshot 2 of app is no longer kept. No older one is kept, either.",
  });
  workspace.now += 26 * HOUR;
  expect(await workspace.collect()).toMatchObject({ erased: 2, deletedPacks: 2, keptPacks: 0 });
  expect(await workspace.usedBytes()).toBe(0);
});

test("a project stays noted for all of the day whose first commit noted it", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.push("app", { a: "1" });
  const [noted] = await workspace.dues();
  if (!noted) throw new Error("Nothing was noted.");
  // Somebody looks early; a second commit of the day notes nothing.
  await workspace.due.claim(noted, workspace.now);
  expect(await workspace.collect()).toMatchObject({ projects: 1 });
  expect(await workspace.dues()).toMatchObject([{ notedAt: noted.notedAt }]);
});

test("a day's commits cost one note", async () => {
  const workspace = new CollectedWorkspace();
  const times: number[] = [];
  const note = workspace.due.note.bind(workspace.due);
  workspace.due.note = (tenant, project, now, dueAt) => {
    times.push(now);
    return note(tenant, project, now, dueAt);
  };
  workspace.now = 20_000 * DAY;
  await workspace.pushAll("app", { a: "1" }, { a: "2" }, { a: "3" });
  workspace.now += DAY;
  await workspace.pushAll("app", { a: "4" }, { a: "5" });
  expect(times).toEqual([20_000 * DAY, 20_001 * DAY + 3 * HOUR]);
});

test("a project that fails is told of, tried again later, and keeps nobody else waiting", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.pushAll("app", { a: "1" }, { a: "2" }, { a: "3" });
  await workspace.pushAll("web", { a: "1" }, { a: "2" }, { a: "3" });
  const list = workspace.packs.list.bind(workspace.packs);
  workspace.packs.list = (tenant, project) => {
    if (project === "app") throw new Error("no such luck");
    return list(tenant, project);
  };
  workspace.now += 30 * HOUR;
  expect(await workspace.collect()).toMatchObject({ projects: 1, failed: 1 });
  expect(workspace.errors).toEqual(["project not collected: Error: no such luck"]);
  workspace.packs.list = list;
  workspace.now += 21 * MINUTE;
  expect(await workspace.collect()).toMatchObject({ projects: 1, failed: 0 });
});

test("two sweeps at once look at each project once, and count its bytes once", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.pushAll("app", { a: "1" }, { a: "2" }, { a: "3" }, { a: "4" });
  workspace.now += 30 * HOUR;
  await workspace.collect();
  workspace.now += 26 * HOUR;
  // A count that is not quiet is not corrected: what is freed is taken off.
  await workspace.usage.add(TENANT, "app", 0, workspace.now);
  const before = await workspace.usedBytes();
  const reports = await Promise.all([workspace.collect(), workspace.collect()]);
  const freed = reports.reduce((sum, { freedBytes }) => sum + freedBytes, 0);
  expect(reports.map(({ projects }) => projects).sort()).toEqual([0, 1]);
  expect(freed).toBeGreaterThan(0);
  expect(await workspace.usedBytes()).toBe(before - freed);
});

test("what is begun too late is left for the next sweep", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.pushAll("app", { a: "1" }, { a: "2" }, { a: "3" });
  workspace.now += 30 * HOUR;
  expect(await workspace.collect(workspace.now)).toEqual({ ...NOTHING, left: 1 });
  expect(await workspace.collect()).toMatchObject({ projects: 1, left: 0, forgotten: 1 });
});

test("a pack that no commit came of is collected, and its bytes are counted until then", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.push("app", { a: "1" });
  const before = await workspace.usedBytes();
  const head = await workspace.snapshots.head(TENANT, "app");
  await workspace.storage.admit(TENANT, { project: "app", head, files: 1, bytes: 1 }, 500);
  await workspace.packs.put(TENANT, "app", "pack_lost", new Uint8Array(500));
  expect(await workspace.usedBytes()).toBe(before + 500);
  workspace.now += 26 * HOUR;
  expect(await workspace.collect()).toMatchObject({ deletedPacks: 1, freedBytes: 500 });
  expect(await workspace.usedBytes()).toBe(before);
});

test("a pack stays for all of the time that the job which stored it may take until it names it", async () => {
  const workspace = new CollectedWorkspace();
  await workspace.push("app", { a: "1" });
  const head = await workspace.snapshots.head(TENANT, "app");
  await workspace.storage.admit(TENANT, { project: "app", head, files: 1, bytes: 1 }, 500);
  await workspace.packs.put(TENANT, "app", "pack_late", new Uint8Array(500));
  const collect = () =>
    collectProject(
      {
        ...{ archive: workspace.snapshots, inventory: workspace.packs, usage: workspace.usage },
        ...{ clock: workspace.clock, retention: { snapshotsKept: 1, daysKept: 1 } },
      },
      { tenant: TENANT, project: "app" },
    );
  workspace.now += 25 * HOUR - 1;
  expect(await collect()).toMatchObject({ deletedPacks: 0, isUnfinished: true });
  workspace.now += 1;
  expect(await collect()).toMatchObject({ deletedPacks: 1, freedBytes: 500, isUnfinished: false });
});

test("in a full workspace packs are not written anew, so that no commit fails for want of that room", async () => {
  const workspace = new CollectedWorkspace();
  const packs = async () => (await workspace.snapshots.head(TENANT, "app"))?.packs.length;
  const files: Record<string, Uint8Array | string> = {};
  for (let file = 0; file < 11; file += 1) {
    const noise = new Uint8Array(60_000);
    files[`${file}.bin`] = crypto.getRandomValues(noise);
    await workspace.push("app", files);
  }
  expect(await packs()).toBe(11);
  workspace.limits.storedBytes = await workspace.usedBytes();
  // Uploads are bounded by the day, too.
  workspace.now += DAY;
  for (const small of ["1", "2"]) await workspace.push("app", { ...files, small });
  expect(await packs()).toBe(12);
  workspace.limits.storedBytes *= 4;
  await workspace.push("app", { ...files, small: "3" });
  expect(await packs()).toBeLessThan(4);
});
