import { describe, expect, test } from "vitest";
import { newId } from "../../lib/id.ts";
import type { SnapshotArchive } from "../../workspace/collect/snapshot-archive.ts";
import type { SnapshotStore } from "../../workspace/snapshot-store.ts";
import { allPages } from "../all-pages.ts";

export interface ArchiveUnderTest {
  readonly archive: SnapshotArchive;
  /** Of the same records. */
  readonly snapshots: SnapshotStore;
}

const TENANT_OF = () => `u-${crypto.randomUUID()}`;

/** What every SnapshotArchive keeps, beside the SnapshotStore of the same records. */
export function snapshotArchiveContract(name: string, make: () => Promise<ArchiveUnderTest>): void {
  const setUp = async (count: number) => {
    const { archive, snapshots } = await make();
    const tenant = TENANT_OF();
    for (let number = 1; number <= count; number += 1) {
      await snapshots.commit(tenant, makeRecord(number));
    }
    const stored = async () => {
      const records = await allPages(archive.records(tenant, "app"));
      return records.map(({ number, forgottenAt }) => [number, forgottenAt]);
    };
    const listed = async () =>
      (await snapshots.list(tenant, "app", { limit: 100 })).map(({ number }) => number);
    return { archive, snapshots, tenant, stored, listed };
  };

  describe(`${name} keeps the contract of SnapshotArchive`, () => {
    test("a forgotten record is nobody's any more, but still names its packs here", async () => {
      const { archive, snapshots, tenant, stored, listed } = await setUp(3);
      await archive.forget(tenant, "app", 2, 5_000);
      expect(await snapshots.get(tenant, "app", 2)).toBeUndefined();
      expect(await listed()).toEqual([3, 1]);
      expect(await stored()).toEqual([
        [3, undefined],
        [2, 5_000],
        [1, undefined],
      ]);
      expect((await snapshots.head(tenant, "app"))?.number).toBe(3);
    });

    test("a record is forgotten once, and one that is not there is not made", async () => {
      const { archive, tenant, stored } = await setUp(2);
      await archive.forget(tenant, "app", 1, 5_000);
      await archive.forget(tenant, "app", 1, 9_000);
      await archive.forget(tenant, "app", 7, 9_000);
      expect(await stored()).toEqual([
        [2, undefined],
        [1, 5_000],
      ]);
    });

    test("only a forgotten record is erased, and erasing may be repeated", async () => {
      const { archive, tenant, stored } = await setUp(2);
      await archive.erase(tenant, "app", 1);
      expect(await stored()).toHaveLength(2);
      await archive.forget(tenant, "app", 1, 5_000);
      await archive.erase(tenant, "app", 1);
      await archive.erase(tenant, "app", 1);
      expect(await stored()).toEqual([[2, undefined]]);
    });

    test("commits follow the head, however many records before it are gone", async () => {
      const { archive, snapshots, tenant, stored, listed } = await setUp(4);
      for (const number of [1, 2, 3]) await archive.forget(tenant, "app", number, 1);
      await archive.erase(tenant, "app", 3);
      expect(await snapshots.commit(tenant, makeRecord(3))).toBe(false);
      expect(await snapshots.commit(tenant, makeRecord(5))).toBe(true);
      expect(await listed()).toEqual([5, 4]);
      expect((await stored()).map(([number]) => number)).toEqual([5, 4, 2, 1]);
    });

    test("a page is filled past forgotten records", async () => {
      const { archive, snapshots, tenant } = await setUp(12);
      for (let number = 3; number < 11; number += 1) {
        await archive.forget(tenant, "app", number, 1);
      }
      const page = await snapshots.list(tenant, "app", { limit: 3 });
      expect(page.map(({ number }) => number)).toEqual([12, 11, 2]);
    });
  });
}

function makeRecord(number: number) {
  return {
    project: "app",
    number,
    root: number.toString(16).padStart(64, "0"),
    packs: [{ id: newId("pack"), bytes: 1_000 + number, indexBytes: 152 }],
    files: 1,
    bytes: 1,
    author: "ada",
    message: "",
    createdAt: 1_790_000_000_000 + number,
  };
}
