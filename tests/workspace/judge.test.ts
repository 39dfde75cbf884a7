import {
  type Projects,
  RefusedError,
  type Snapshot,
  type SnapshotRecord,
  type SnapshotStore,
} from "@zenode/core";
import type { PackInventory, SnapshotArchive } from "@zenode/core/storage";
import { describe, expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import type { Sabotage, Stores } from "./processes.ts";

/** A store in which some methods are others. */
function altered<Store extends object>(store: Store, changes: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

const withSnapshots = (change: (real: SnapshotStore) => Partial<SnapshotStore>): Sabotage => ({
  stores: (stores) => ({
    ...stores,
    snapshots: altered(stores.snapshots, change(stores.snapshots)),
  }),
});

const withPacks = (change: (real: Stores["packs"]) => Partial<Stores["packs"]>): Sabotage => ({
  stores: (stores) => ({ ...stores, packs: altered(stores.packs, change(stores.packs)) }),
});

const withArchive = (change: (real: SnapshotArchive) => Partial<SnapshotArchive>): Sabotage => ({
  stores: (stores) => ({ ...stores, archive: altered(stores.archive, change(stores.archive)) }),
});

const withInventory = (change: (real: PackInventory) => Partial<PackInventory>): Sabotage => ({
  stores: (stores) => ({
    ...stores,
    inventory: altered(stores.inventory, change(stores.inventory)),
  }),
});

/** Pages of which each item is another. */
async function* mapPages<Item>(
  pages: AsyncIterable<readonly Item[]>,
  change: (item: Item, at: number) => Item,
): AsyncGenerator<readonly Item[]> {
  for await (const page of pages) yield page.map(change);
}

const withCommit = (
  commit: (record: SnapshotRecord, real: SnapshotStore, tenant: string) => Promise<boolean>,
): Sabotage =>
  withSnapshots((real) => ({ commit: (tenant, record) => commit(record, real, tenant) }));

const withProjects = (change: (real: Projects) => Partial<Projects>): Sabotage => ({
  projects: (real) => altered(real, change(real)),
});

/** A snapshot in which some answers are others. */
const seenAs = (snapshot: Snapshot, changes: Partial<Snapshot>): Snapshot =>
  altered(snapshot, changes);

const SABOTAGES: readonly (readonly [string, Sabotage, RegExp])[] = [
  [
    "a commit that forgets a pack",
    withCommit((record, real, tenant) =>
      real.commit(tenant, { ...record, packs: record.packs.slice(1) }),
    ),
    /can't be read: RefusedError/,
  ],
  [
    "a head that moves without being compared",
    withCommit(async (record, real, tenant) => {
      const number = ((await real.head(tenant, record.project))?.number ?? 0) + 1;
      return real.commit(tenant, { ...record, number });
    }),
    /It overwrote what another made|A push from \d+ became snapshot/,
  ],
  [
    "a commit that was not made, and is said to be",
    withCommit(async (record, real, tenant) => {
      await real.commit(tenant, record);
      return true;
    }),
    /which is not there|It was told that it was done|It was not told what|Snapshot \d+ is another/,
  ],
  [
    "a commit that was made, and is refused",
    withCommit(async (record, real, tenant) => {
      if (!(await real.commit(tenant, record))) return false;
      throw new RefusedError("conflict", "a was changed by eve in snapshot 1.");
    }),
    /^step \d+ .*Refused \(.*\), it made snapshot/s,
  ],
  [
    "a commit that is made twice",
    withCommit(async (record, real, tenant) => {
      const done = await real.commit(tenant, record);
      if (done) await real.commit(tenant, { ...record, number: record.number + 1 });
      return done;
    }),
    /It made snapshot \d+, too/,
  ],
  [
    "totals that are wrong",
    withCommit((record, real, tenant) =>
      real.commit(tenant, { ...record, bytes: record.bytes + (record.files > 2 ? 1 : 0) }),
    ),
    /says \d+ files, \d+ bytes, not/,
  ],
  [
    "a head that is read late",
    withSnapshots((real) => ({
      head: async (tenant, project) => {
        const head = await real.head(tenant, project);
        if (!head || head.number < 3) return head;
        return (await real.get(tenant, project, head.number - 1)) ?? head;
      },
    })),
    /Nobody had moved the head beyond|The project was there|was newer/,
  ],
  [
    "a reader that is given the newest snapshot late",
    withProjects((real) => ({
      open: async (project) => {
        const newest = await real.open(project);
        return newest.number > 2 ? real.openAt(project, newest.number - 1) : newest;
      },
    })),
    /It saw snapshot \d+, though \d+ was there before|The project was there/,
  ],
  [
    "a list of projects that is behind",
    {
      world: ({ snapshots }) => {
        const heads = snapshots.heads.bind(snapshots);
        snapshots.heads = async (tenant) =>
          (await heads(tenant)).filter(({ number }) => number < 2);
      },
    },
    /is listed at/,
  ],
  [
    "half a pack",
    withPacks((real) => ({
      put: (tenant, project, pack, body) =>
        real.put(tenant, project, pack, body.subarray(0, body.length / 2)),
    })),
    /can't be read: RefusedError/,
  ],
  [
    "a pack that was not stored, and is said to be",
    withPacks(() => ({ put: async () => undefined })),
    /can't be read: RefusedError/,
  ],
  [
    "an upload that becomes no pack",
    withPacks(() => ({ adopt: async () => undefined })),
    /can't be read: RefusedError/,
  ],
  [
    "changes made to the newest, whatever others did",
    withProjects((real) => ({
      change: async (base, changes, message) =>
        real.change(await real.open(base.project), changes, message),
    })),
    /It overwrote what another made of/,
  ],
  [
    "changes refused because anything changed",
    withProjects((real) => ({
      change: async (base, changes, message) => {
        const head = await real.open(base.project);
        if (head.number === base.number) return real.change(base, changes, message);
        const path = changes[0]?.path ?? "";
        const told = `${path} was changed by ada in snapshot ${head.number}. Nothing was written.`;
        throw new RefusedError("conflict", told);
      },
    })),
    /Nobody had changed|names no path of its own|\. It was told: .* was changed by ada/,
  ],
  [
    "only some of many changes",
    withProjects((real) => ({
      change: (base, changes, message) =>
        real.change(base, changes.length > 2 ? changes.slice(1) : changes, message),
    })),
    /app \d+ is not what it must be/,
  ],
  [
    "a reader that misses the last file",
    withProjects((real) => ({
      open: async (project) => {
        const snapshot = await real.open(project);
        const walk = async function* () {
          const entries = [];
          for await (const entry of snapshot.walk()) entries.push(entry);
          yield* entries.slice(0, Math.max(1, entries.length - 1));
        };
        return seenAs(snapshot, { walk });
      },
    })),
    /app \d+ is not what it must be/,
  ],
  [
    "a reader that sees half of one snapshot, half of the next",
    withProjects((real) => ({
      open: async (project) => {
        const snapshot = await real.open(project);
        const read: Snapshot["read"] = async (path, most) =>
          (await real.open(project)).read(path, most);
        return seenAs(snapshot, { read });
      },
    })),
    /is not what it must be|Nothing was to be refused. It was told: There is no/,
  ],
  [
    "a cache that gives another directory",
    {
      caches: (caches) => {
        let last: ReturnType<typeof caches.trees.get>;
        const trees = altered(caches.trees, {
          get: (key) => {
            const found = caches.trees.get(key);
            const given = found && last ? last : found;
            last = found;
            return given;
          },
        });
        return { ...caches, trees };
      },
    },
    /app \d+ is not what it must be|Nothing was to be refused. It was told: There is no/,
  ],
  [
    "a collector that takes packs which an old snapshot needs",
    {
      world: ({ packs }) => {
        const [put, read] = [packs.put.bind(packs), packs.read.bind(packs)];
        const stored: string[] = [];
        packs.put = async (tenant, project, pack, body) => {
          await put(tenant, project, pack, body);
          stored.push(pack);
        };
        packs.read = async (tenant, project, pack, start, length) => {
          if (!stored.slice(0, -3).includes(pack))
            return read(tenant, project, pack, start, length);
          throw new RefusedError("not_found", `${pack} is gone.`);
        };
      },
    },
    /can't be read: RefusedError: pack_\w+ is gone/,
  ],
  [
    "a collector that removes records as soon as they are forgotten",
    withArchive((real) => ({
      records: (tenant, project) =>
        mapPages(real.records(tenant, project), (record) =>
          record.forgottenAt === undefined ? record : { ...record, forgottenAt: 0 },
        ),
    })),
    /The record of app \d+ is gone, and who got it may still read it/,
  ],
  [
    "a collector that removes packs which somebody is about to name",
    withInventory((real) => ({
      list: (tenant, project) =>
        mapPages(real.list(tenant, project), (pack) => ({ ...pack, storedAt: 0 })),
    })),
    /somebody may be about to name it|may be read, and pack_\w+ is not there/,
  ],
  [
    "a collector that knows of the head's packs alone",
    withArchive((real) => ({
      records: (tenant, project) =>
        mapPages(real.records(tenant, project), (record, at) =>
          at === 0 ? record : { ...record, packs: [] },
        ),
    })),
    /app \d+ may be read, and pack_\w+.* is not there/,
  ],
  [
    "a collector that knows nothing of forgotten snapshots that somebody got",
    withArchive((real) => ({
      records: (tenant, project) =>
        mapPages(real.records(tenant, project), (record) =>
          record.forgottenAt === undefined ? record : { ...record, packs: [] },
        ),
    })),
    /app \d+ may be read, and pack_\w+.* is not there/,
  ],
  [
    "a collector that forgets one more",
    withArchive((real) => ({
      forget: async (tenant, project, number, at) => {
        await real.forget(tenant, project, number, at);
        await real.forget(tenant, project, number + 1, at);
      },
    })),
    /app \d+ is forgotten, and was to be kept/,
  ],
  [
    "a collector that leaves records",
    withArchive(() => ({ erase: async () => undefined })),
    /app keeps [\d,]+, not [\d,]+|is due for ever/,
  ],
  [
    "a collector that leaves packs",
    withInventory(() => ({ remove: async () => undefined })),
    /pack_\w+ of app are left, and nobody's/,
  ],
  [
    "bytes that stay counted",
    {
      stores: (stores) => {
        const nothing = async () => undefined;
        const usage = altered(stores.usage, { collected: nothing, correct: nothing });
        return { ...stores, usage };
      },
    },
    /Bytes and erased records of app are \d+, \d+, not/,
  ],
  [
    "a commit of which the collector does not learn",
    {
      stores: (stores) => ({
        ...stores,
        due: altered(stores.due, { note: async () => undefined }),
      }),
    },
    /app keeps [\d,]+, not [\d,]+|are left, and nobody's|Bytes and erased records/,
  ],
  [
    "a forgotten snapshot that is still given",
    {
      world: ({ snapshots }) => {
        const made = new Map<string, SnapshotRecord>();
        const [commit, get] = [snapshots.commit.bind(snapshots), snapshots.get.bind(snapshots)];
        snapshots.commit = async (tenant, record) => {
          const isDone = await commit(tenant, record);
          if (isDone) made.set(`${record.project} ${record.number}`, record);
          return isDone;
        };
        snapshots.get = async (tenant, project, number) =>
          (await get(tenant, project, number)) ?? made.get(`${project} ${number}`);
      },
    },
    /It got snapshot \d+, which is no longer kept/,
  ],
  [
    "a deletion that is told, and leaves the project",
    withProjects((real) => ({
      delete: async (project) => {
        const { number } = await real.open(project);
        return real.openAt(project, number);
      },
    })),
    /Snapshot \d+ is another's/,
  ],
  [
    "a deleted project that can be opened",
    withProjects((real) => ({
      open: async (project) => {
        const [head, last] = await real.history(project, { limit: 2 });
        return head?.deleted && last ? last : real.open(project);
      },
    })),
    /It saw snapshot \d+, though \d+ was there before/,
  ],
  [
    "changes to a deleted project, which bring it back",
    withProjects((real) => ({
      change: async (base, changes, message) => {
        try {
          return await real.change(base, changes, message);
        } catch (error) {
          const [head] = await real.history(base.project, { limit: 1 });
          if (!(error instanceof RefusedError) || !head?.deleted) throw error;
          return real.change(head, changes, message);
        }
      },
    })),
    /The project was deleted meanwhile/,
  ],
  [
    "a restore that takes another snapshot",
    withProjects((real) => ({
      openAt: (project, number) => real.openAt(project, Math.max(1, number - 1)),
    })),
    /app \d+ is not what it must be|It can be done|It was told that it was done/,
  ],
  [
    "a restore of half of it",
    withProjects((real) => ({
      change: (base, changes, message) => {
        const isRestore = changes.some((change) => change.kind === "copy" && change.snapshot);
        return real.change(base, isRestore ? changes.slice(1) : changes, message);
      },
    })),
    /app \d+ is not what it must be|It was told that it was done/,
  ],
  [
    "a pull of a deleted project, which gives what was there before",
    {
      pull: (transport) => ({
        ...transport,
        begin: async (request) => {
          try {
            return await transport.begin(request);
          } catch (error) {
            const deletion = / was deleted by \w+ in snapshot (\d+)\./.exec(String(error))?.[1];
            if (deletion === undefined) throw error;
            return transport.begin({ ...request, snapshot: Number(deletion) - 1 });
          }
        },
      }),
    },
    /Nothing was to be refused|was not the newest|was newer/,
  ],
  [
    "a pull that is given the newest snapshot late",
    {
      pull: (transport) => ({
        ...transport,
        begin: async (request) => {
          const { snapshot } = await transport.begin(request);
          return transport.begin({ ...request, snapshot: Math.max(1, snapshot - 1) });
        },
      }),
    },
    /Nothing was to be refused|was not the newest|was newer|Its project was there/,
  ],
  [
    "a pull that leaves out what others made",
    {
      pull: (transport) => {
        let first: Awaited<ReturnType<typeof transport.begin>> | undefined;
        return {
          ...transport,
          begin: async (request) => {
            const answer = await transport.begin(request);
            first ??= answer;
            return { ...first, snapshot: answer.snapshot, head: answer.head };
          },
        };
      },
    },
    /app \d+ is not what it must be|It overwrote/,
  ],
  ["nobody told of a new snapshot", { silent: true }, /Nobody was told of snapshot/],
];

describe("the judge catches", () => {
  test.each(SABOTAGES)("%s", async (_, sabotage, told) => {
    const { failure } = await runCampaign({ seed: 1, runs: 300, sabotage, smallest: false });
    expect(failure?.faults.join("\n")).toMatch(told);
  });
});

test("a sequence is the same at each run of its seed", async () => {
  const [first, second] = [
    await runCampaign({ seed: 77, runs: 12 }),
    await runCampaign({ seed: 77, runs: 12 }),
  ];
  expect(first.steps).toBeGreaterThan(50);
  expect(first).toEqual(second);
});
