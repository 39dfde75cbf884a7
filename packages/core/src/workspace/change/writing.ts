import type { StorageAccount } from "../storage/storage-account.ts";
import { SnapshotWriter, type SnapshotWriterOptions } from "./snapshot-writer.ts";

/** Who writes: one call, or the worker of a job. */
export type Writer = Pick<SnapshotWriterOptions, "principal" | "lease" | "caches">;

/** How projects are changed, and what may be stored. Most calls change nothing: a process loads it with the first that does. */
export interface Writing {
  readonly storage: StorageAccount;
  writer(who: Writer): SnapshotWriter;
}

export function openWriting(options: Omit<SnapshotWriterOptions, keyof Writer>): Writing {
  const { storage } = options;
  return { storage, writer: (who) => new SnapshotWriter({ ...options, ...who }) };
}
