import type { Clock } from "../../lib/clock.ts";
import { HOUR } from "../../lib/duration.ts";
import type { ProjectUsage, UsageStore } from "../storage/usage-store.ts";
import type { PackInventory, StoredPack } from "./pack-inventory.ts";
import { chooseForgotten, LONGEST_CALL_MS, type RetentionPolicy } from "./retention-policy.ts";
import type { ArchivedRecord, SnapshotArchive } from "./snapshot-archive.ts";

export interface CollectPorts {
  readonly archive: SnapshotArchive;
  readonly inventory: PackInventory;
  readonly usage: UsageStore;
  readonly clock: Clock;
  readonly retention: RetentionPolicy;
}

export interface ProjectPlace {
  readonly tenant: string;
  readonly project: string;
}

export interface Collected {
  /** Snapshots that nobody gets any more, and records that were removed. */
  readonly forgotten: number;
  readonly erased: number;
  readonly deletedPacks: number;
  readonly freedBytes: number;
  readonly keptPacks: number;
  readonly keptBytes: number;
  /** There will be something to collect, even if nobody commits. */
  readonly isUnfinished: boolean;
}

/** Within this time after it was counted, a pack may not be in the bucket yet. */
const COUNT_GRACE_MS = HOUR;

/**
 * A pack is stored before the record that names it, by a call that then has `LONGEST_CALL_MS` at most; an upload becomes
 * its pack anew until 12 hours after it came (`upload.ts`). An older pack that no record names is never named again.
 *
 * Forgets the snapshots that the policy gives up, removes the records of those forgotten for as long as a read may last, then
 * every pack that no record names and that is old enough. May be broken off anywhere and repeated, also by two at once.
 */
export async function collectProject(ports: CollectPorts, place: ProjectPlace): Promise<Collected> {
  const { tenant, project } = place;
  const now = ports.clock.now();
  const seen = (await ports.usage.list(tenant)).find((usage) => usage.project === project);
  const records = await readRecords(ports.archive, place);
  const forgotten = await forgetRecords(ports, place, { records, now });
  const { named, erased } = await eraseRecords(ports, place, { records, now });
  const packs = await removePacks(ports, place, { named, now });
  // Numbers have no gaps but those of erased records.
  const gone = (records[0]?.number ?? 0) - (records.length - erased);
  await count(ports, place, { seen, now, packs, gone });
  const { deletedPacks, freedBytes, keptPacks, keptBytes, youngPacks } = packs;
  return {
    ...{ forgotten: forgotten.size, erased, deletedPacks, freedBytes, keptPacks, keptBytes },
    isUnfinished:
      youngPacks > 0 ||
      records.length - erased > alive(records).length - forgotten.size ||
      chooseForgotten(alive(records), ports.retention, Number.POSITIVE_INFINITY).length > 0,
  };
}

async function readRecords(
  archive: SnapshotArchive,
  { tenant, project }: ProjectPlace,
): Promise<readonly ArchivedRecord[]> {
  const records: ArchivedRecord[] = [];
  for await (const page of archive.records(tenant, project)) records.push(...page);
  return records;
}

function alive(records: readonly ArchivedRecord[]): readonly ArchivedRecord[] {
  return records.filter(({ forgottenAt }) => forgottenAt === undefined);
}

interface Found {
  readonly records: readonly ArchivedRecord[];
  readonly now: number;
}

/** The head has the highest number for ever, so it does not matter that others commit meanwhile. */
async function forgetRecords(
  { archive, retention }: CollectPorts,
  { tenant, project }: ProjectPlace,
  { records, now }: Found,
): Promise<ReadonlySet<number>> {
  const forgotten = new Set(chooseForgotten(alive(records), retention, now));
  for (const number of forgotten) await archive.forget(tenant, project, number, now);
  return forgotten;
}

/**
 * Whoever got a record before it was forgotten may read its packs, or commit them anew (a restore), until a read's longest
 * time is over: until then the forgotten record names them here.
 */
async function eraseRecords(
  { archive }: CollectPorts,
  { tenant, project }: ProjectPlace,
  { records, now }: Found,
): Promise<{ readonly named: ReadonlySet<string>; readonly erased: number }> {
  const named = new Set<string>();
  let erased = 0;
  for (const { number, packs, forgottenAt } of records) {
    if (forgottenAt !== undefined && now - forgottenAt >= LONGEST_CALL_MS) {
      await archive.erase(tenant, project, number);
      erased += 1;
    } else {
      for (const { id } of packs) named.add(id);
    }
  }
  return { named, erased };
}

interface FoundPacks {
  deletedPacks: number;
  freedBytes: number;
  keptPacks: number;
  keptBytes: number;
  /** Named by nobody, but too young to be removed. */
  youngPacks: number;
}

async function removePacks(
  { inventory }: CollectPorts,
  { tenant, project }: ProjectPlace,
  { named, now }: { readonly named: ReadonlySet<string>; readonly now: number },
): Promise<FoundPacks> {
  const found = { deletedPacks: 0, freedBytes: 0, keptPacks: 0, keptBytes: 0, youngPacks: 0 };
  for await (const page of inventory.list(tenant, project)) {
    const isGarbage = ({ id, storedAt }: StoredPack) =>
      !named.has(id) && now - storedAt >= LONGEST_CALL_MS;
    const garbage = page.filter(isGarbage);
    const ids = garbage.map(({ id }) => id);
    if (ids.length > 0) await inventory.remove(tenant, project, ids);
    const kept = page.filter((pack) => !isGarbage(pack));
    found.deletedPacks += garbage.length;
    found.freedBytes += sumBytes(garbage);
    found.keptPacks += kept.length;
    found.keptBytes += sumBytes(kept);
    found.youngPacks += kept.filter(({ id }) => !named.has(id)).length;
  }
  return found;
}

interface Counted {
  readonly seen: ProjectUsage | undefined;
  readonly now: number;
  readonly packs: FoundPacks;
  /** Records that are gone, by whichever run. */
  readonly gone: number;
}

/** Where nothing was stored for a while, what was found replaces the count, and heals what broken calls left in it. */
async function count(
  { usage }: CollectPorts,
  { tenant, project }: ProjectPlace,
  { seen, now, packs, gone }: Counted,
): Promise<void> {
  const { freedBytes, keptBytes } = packs;
  if (seen && now - seen.addedAt >= COUNT_GRACE_MS) {
    await usage.correct(tenant, seen, { bytes: keptBytes, erased: gone });
  } else if (freedBytes > 0 || gone !== seen?.erased) {
    await usage.collected(tenant, project, { bytes: freedBytes, erased: gone });
  }
}

function sumBytes(packs: readonly StoredPack[]): number {
  return packs.reduce((sum, { bytes }) => sum + bytes, 0);
}
