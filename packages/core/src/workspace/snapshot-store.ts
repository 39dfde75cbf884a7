import type { JobId, Lease } from "../burst/job.ts";

/** A snapshot's record: everything a reader needs before it opens a pack. */
export interface SnapshotRecord {
  readonly project: string;
  /** 1, 2, 3 …; the head is the highest. */
  readonly number: number;
  /** Blob id (SHA-256 hex) of the root directory's tree. */
  readonly root: string;
  /** Packs in which every reachable blob is found; newest first. */
  readonly packs: readonly PackReference[];
  readonly files: number;
  readonly bytes: number;
  /** Files, links and directories; absent: nobody has counted them, the next change does. */
  readonly entries?: number;
  readonly author: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The project was deleted with this snapshot: it has no files and lies in no pack. */
  readonly deleted?: true;
  /** The job whose worker committed it: its next run finds it. Absent: no worker did. */
  readonly job?: JobId;
}

export interface PackReference {
  readonly id: string;
  /** Size of the whole pack and of its index (index + trailer) at its end. */
  readonly bytes: number;
  readonly indexBytes: number;
}

export interface SnapshotPage {
  /** Only snapshots of lower numbers; absent: from the head on. */
  readonly before?: number;
  /** At most so many. */
  readonly limit: number;
}

/** Told of each new snapshot, before its maker is; `before` was the head until then. */
export type OnCommit = (
  tenant: string,
  record: SnapshotRecord,
  before: SnapshotRecord | undefined,
) => Promise<void>;

/** Whether there is no such project, going by its newest snapshot. */
export function isGone(head: SnapshotRecord | undefined): head is undefined | DeletedRecord {
  return head === undefined || head.deleted === true;
}

export type DeletedRecord = SnapshotRecord & { readonly deleted: true };

/** Snapshots and heads of a tenant's projects. */
export interface SnapshotStore {
  /** The newest snapshot; strongly consistent. */
  head(tenant: string, project: string): Promise<SnapshotRecord | undefined>;
  get(tenant: string, project: string, number: number): Promise<SnapshotRecord | undefined>;
  /** A project's snapshots, newest first. Numbers may be missing: old ones are removed. */
  list(tenant: string, project: string, page: SnapshotPage): Promise<readonly SnapshotRecord[]>;
  /** Newest snapshot of each project, by name; of deleted projects, too. */
  heads(tenant: string): Promise<readonly SnapshotRecord[]>;
  /**
   * Makes `record` the head if the head's number is `record.number - 1` (0: there is none yet);
   * the record and the head change together. False: somebody else was first. With a lease: only while
   * that job is held under it, decided in the same write. @throws FencedError when it is not.
   * Whoever commits has asked `StorageAccount.admit` before, for a deletion `announce`: the collector learns of the project there.
   */
  commit(tenant: string, record: SnapshotRecord, lease?: Lease): Promise<boolean>;
}
