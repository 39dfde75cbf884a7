import type { Codec } from "./codec.ts";
import { Pack } from "./pack.ts";
import type { PackStore } from "./pack-store.ts";
import { processCaches, type ReaderCaches } from "./reader-caches.ts";
import type { PackReference } from "./snapshot-store.ts";

export interface PackPlace {
  readonly tenant: string;
  readonly packs: PackStore;
  readonly codec: Codec;
  /** Absent: the process's. */
  readonly caches?: ReaderCaches;
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
