import { RefusedError } from "../../lib/error.ts";
import { BlobReader } from "../blob-reader.ts";
import type { Codec } from "../codec.ts";
import { openPacks } from "../open-pack.ts";
import type { Pack } from "../pack.ts";
import type { PackStore } from "../pack-store.ts";
import { type ReachableBlob, reachable, toReachable } from "../reachable.ts";
import type { ReaderCaches } from "../reader-caches.ts";
import type { PackReference, SnapshotRecord } from "../snapshot-store.ts";
import type { BlobReference } from "../tree.ts";
import type { OpenTree } from "./entry-at.ts";
import type { PlacedEntry } from "./file-change.ts";

export interface RecordPlace {
  readonly tenant: string;
  readonly packs: PackStore;
  readonly codec: Codec;
  readonly caches: ReaderCaches;
}

/** A record's tree and the packs it lies in. */
export interface OpenRecord extends OpenTree {
  readonly record: SnapshotRecord | undefined;
  readonly packs: readonly Pack[];
  /** Of the packs, in the same order. */
  readonly references: readonly PackReference[];
}

/** What lies at a place of another snapshot of the same project. */
export interface ForeignEntry {
  readonly entry: PlacedEntry;
  readonly source: OpenRecord;
}

/** Opens a record; without one, and for a deleted project, there is no tree. */
export async function openRecord(
  record: SnapshotRecord | undefined,
  place: RecordPlace,
): Promise<OpenRecord> {
  const packs = record ? openPacks(record, place) : [];
  const references = record?.packs ?? [];
  const blobs = new BlobReader({ ...place, packs });
  if (!record || record.deleted) return { record, packs, references, blobs, root: undefined };
  const found = await blobs.find(record.root);
  if (!found) throw new RefusedError("corrupt", `Snapshot ${record.number} has no root tree.`);
  const root = { blob: record.root, bytes: found.bytes };
  return { record, packs, references, blobs, root };
}

/** A record with packs of other snapshots, and where to begin for all that its next one needs of its packs. */
export interface WideRecord extends OpenRecord {
  readonly roots: readonly ReachableBlob[];
  /** At least those of all files that the roots reach. */
  readonly bytes: number;
}

interface RecordPack {
  readonly pack: Pack;
  readonly reference: PackReference;
}

/** The same record with those packs of other snapshots in which lies what it lacks of their entries. */
export async function addForeign(
  head: OpenRecord,
  foreign: readonly ForeignEntry[],
  place: RecordPlace,
): Promise<WideRecord> {
  const roots = head.root ? [toReachable({ kind: "directory", ...head.root })] : [];
  let bytes = head.record?.bytes ?? 0;
  const added = new Map<string, RecordPack>();
  // A pack of the head may list chunks that have gone from it: their own packs are what it lacks.
  const known = new Set(head.references.map(({ id }) => id));
  for (const [source, entries] of Map.groupBy(foreign, ({ source }) => source)) {
    const wholes = rootsOf(entries.map(({ entry }) => entry));
    roots.push(...wholes);
    for await (const wanted of reachable(wholes, source.blobs)) {
      bytes += wanted.bytes;
      if (await head.blobs.find(wanted.blob)) continue;
      const found = await placeIn(source, wanted);
      if (!known.has(found.reference.id)) added.set(found.reference.id, found);
    }
  }
  if (added.size === 0) return { ...head, roots, bytes };
  const packs = [...head.packs, ...[...added.values()].map(({ pack }) => pack)];
  const references = [...head.references, ...[...added.values()].map(({ reference }) => reference)];
  const blobs = new BlobReader({ ...place, packs });
  return { ...head, packs, references, blobs, roots, bytes };
}

/** @throws RefusedError `corrupt` when it lies in none of a record's packs. */
async function placeIn(
  { blobs, packs, references }: OpenRecord,
  wanted: BlobReference,
): Promise<RecordPack> {
  const { pack } = await blobs.locate(wanted);
  return { pack, reference: references[packs.indexOf(pack)] as PackReference };
}

/** Where to begin for all that entries are made of. */
function rootsOf(entries: Iterable<PlacedEntry>): readonly ReachableBlob[] {
  return [...entries].flatMap((entry) => (entry.kind === "link" ? [] : [toReachable(entry)]));
}
