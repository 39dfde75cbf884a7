import type { SnapshotRecord } from "../snapshot-store.ts";

/** A record as it is stored. Forgotten ones still name their packs, but no reader gets them any more. */
export interface ArchivedRecord extends SnapshotRecord {
  /** Milliseconds since the epoch; absent: it is not forgotten. */
  readonly forgottenAt?: number;
}

/** A project's records, as the collector sees and removes them; its other side is the `SnapshotStore`. */
export interface SnapshotArchive {
  /** All records, forgotten ones too, newest first; strongly consistent, page by page. */
  records(tenant: string, project: string): AsyncIterable<readonly ArchivedRecord[]>;
  /**
   * From now on `SnapshotStore` has no such record. Repeatable: the first moment stays. The caller sees to it
   * that it is not the head's.
   */
  forget(tenant: string, project: string, number: number, at: number): Promise<void>;
  /** Removes a record that was forgotten, no other; repeatable. */
  erase(tenant: string, project: string, number: number): Promise<void>;
}
