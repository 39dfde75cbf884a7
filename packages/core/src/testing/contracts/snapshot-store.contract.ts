import { describe, expect, test } from "vitest";
import { newId } from "../../lib/id.ts";
import type { SnapshotRecord, SnapshotStore } from "../../workspace/snapshot-store.ts";

/** What every SnapshotStore keeps. Tenants are new in each test, so one store serves all. */
export function snapshotStoreContract(name: string, make: () => Promise<SnapshotStore>): void {
  describe(`${name} keeps the contract of SnapshotStore`, () => {
    describeReads(make);
    describeCommits(make);
  });
}

const newTenant = () => `u-${crypto.randomUUID()}`;

function record(project: string, number: number): SnapshotRecord {
  return {
    project,
    number,
    root: number.toString(16).padStart(64, "0"),
    packs: [{ id: newId("pack"), bytes: 1_000 + number, indexBytes: 152 }],
    files: 3,
    bytes: 2_000_000_000,
    // Not every record has it.
    ...(number % 2 === 1 && { entries: 5 }),
    author: "ada",
    message: "first – größer 🚀",
    createdAt: 1_790_000_000_000 + number,
  };
}

function describeReads(make: () => Promise<SnapshotStore>): void {
  test("a project that nobody pushed has no head", async () => {
    const store = await make();
    const tenant = newTenant();
    expect(await store.head(tenant, "app")).toBeUndefined();
    expect(await store.get(tenant, "app", 1)).toBeUndefined();
    expect(await store.heads(tenant)).toEqual([]);
  });

  test("a committed snapshot is the head, and old ones stay", async () => {
    const store = await make();
    const tenant = newTenant();
    const [first, second] = [record("app", 1), record("app", 2)];
    expect(await store.commit(tenant, first)).toBe(true);
    expect(await store.head(tenant, "app")).toEqual(first);
    expect(await store.commit(tenant, second)).toBe(true);
    expect(await store.head(tenant, "app")).toEqual(second);
    expect(await store.get(tenant, "app", 1)).toEqual(first);
    expect(await store.get(tenant, "app", 3)).toBeUndefined();
  });

  test("heads are the newest of each project, by name, of this tenant only", async () => {
    const store = await make();
    const tenant = newTenant();
    await store.commit(newTenant(), record("foreign", 1));
    await store.commit(tenant, record("web", 1));
    await store.commit(tenant, record("app", 1));
    await store.commit(tenant, record("app", 2));
    const heads = await store.heads(tenant);
    expect(heads.map(({ project, number }) => `${project} ${number}`)).toEqual(["app 2", "web 1"]);
  });

  test("a project's snapshots are listed newest first, page by page", async () => {
    const store = await make();
    const tenant = newTenant();
    const records = Array.from({ length: 12 }, (_, at) => record("app", at + 1));
    for (const each of records) await store.commit(tenant, each);
    await store.commit(tenant, record("app.web", 1));
    const list = async (before: number | undefined, limit: number) =>
      (await store.list(tenant, "app", { ...(before && { before }), limit })).map(
        ({ number }) => number,
      );
    expect(await list(undefined, 3)).toEqual([12, 11, 10]);
    expect(await list(10, 4)).toEqual([9, 8, 7, 6]);
    expect(await list(3, 100)).toEqual([2, 1]);
    expect(await list(1, 100)).toEqual([]);
    expect(await store.list(tenant, "app", { limit: 1 })).toEqual(records.slice(-1));
    expect(await store.list(tenant, "other", { limit: 5 })).toEqual([]);
  });

  test("the snapshot of a deletion is kept and listed as any other, and is the project's head", async () => {
    const store = await make();
    const tenant = newTenant();
    const gone = { ...record("app", 2), packs: [], files: 0, bytes: 0, deleted: true as const };
    const again = record("app", 3);
    await store.commit(tenant, record("app", 1));
    expect(await store.commit(tenant, gone)).toBe(true);
    expect(await store.head(tenant, "app")).toEqual(gone);
    expect(await store.heads(tenant)).toEqual([gone]);
    expect(await store.commit(tenant, again)).toBe(true);
    expect(await store.get(tenant, "app", 2)).toEqual(gone);
    expect(await store.head(tenant, "app")).toEqual(again);
    expect(await store.list(tenant, "app", { limit: 2 })).toEqual([again, gone]);
  });

  test("names that are prefixes of each other stay apart", async () => {
    const store = await make();
    const tenant = newTenant();
    await store.commit(tenant, record("app", 1));
    await store.commit(tenant, record("app.web", 1));
    expect((await store.head(tenant, "app"))?.project).toBe("app");
    expect((await store.heads(tenant)).length).toBe(2);
  });
}

function describeCommits(make: () => Promise<SnapshotStore>): void {
  test("a commit that does not follow the head changes nothing", async () => {
    const store = await make();
    const tenant = newTenant();
    expect(await store.commit(tenant, record("app", 2))).toBe(false);
    expect(await store.head(tenant, "app")).toBeUndefined();
    const first = record("app", 1);
    expect(await store.commit(tenant, first)).toBe(true);
    expect(await store.commit(tenant, record("app", 1))).toBe(false);
    expect(await store.commit(tenant, record("app", 3))).toBe(false);
    expect(await store.head(tenant, "app")).toEqual(first);
    expect(await store.get(tenant, "app", 3)).toBeUndefined();
  });

  test("of many that commit at once one wins", async () => {
    const store = await make();
    const tenant = newTenant();
    const rivals = Array.from({ length: 8 }, (_, at) => ({
      ...record("app", 1),
      author: `n${at}`,
    }));
    const won = await Promise.all(rivals.map((rival) => store.commit(tenant, rival)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await store.head(tenant, "app")).toEqual(rivals[won.indexOf(true)]);
  });

  test("a record of 2,000 packs fits", async () => {
    const store = await make();
    const tenant = newTenant();
    const packs = Array.from({ length: 2_000 }, () => ({
      id: newId("pack"),
      bytes: 60_000_000,
      indexBytes: 400_000,
    }));
    const large = { ...record("app", 1), packs };
    expect(await store.commit(tenant, large)).toBe(true);
    expect(await store.head(tenant, "app")).toEqual(large);
  });
}
