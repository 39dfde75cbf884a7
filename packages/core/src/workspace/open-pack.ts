import type { Codec } from "./codec.ts";
import { Pack } from "./pack.ts";
import type { PackStore } from "./pack-store.ts";
import { processCaches, type ReaderCaches } from "./reader-caches.ts";
import type { PackReference, SnapshotRecord } from "./snapshot-store.ts";

export interface PackPlace {
  readonly tenant: string;
  readonly packs: PackStore;
  readonly codec: Codec;
  /** Absent: the process's. */
  readonly caches?: ReaderCaches;
}

/** The packs that a snapshot lies in, in its order. */
export function openPacks({ project, packs }: SnapshotRecord, place: PackPlace): readonly Pack[] {
  return packs.map((pack) => openPack(project, pack, place));
}

/** A pack of a project; reads nothing yet. */
export function openPack(
  project: string,
  { id, bytes, indexBytes }: PackReference,
  { tenant, packs, codec, caches = processCaches }: PackPlace,
): Pack {
  const key = `${tenant}/${project}/${id}`;
  const read = (start: number, length: number) => packs.read(tenant, project, id, start, length);
  return new Pack({ key, bytes, indexBytes, read }, codec, caches);
}
