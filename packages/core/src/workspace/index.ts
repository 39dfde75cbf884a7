export type { FileChange } from "./change/file-change.ts";
export type { Codec } from "./codec.ts";
export type { DueProject, DueProjects } from "./collect/due-projects.ts";
export type { PackInventory, StoredPack } from "./collect/pack-inventory.ts";
export type { RetentionPolicy } from "./collect/retention-policy.ts";
export type { ArchivedRecord, SnapshotArchive } from "./collect/snapshot-archive.ts";
export { type SweepPorts, type SweepReport, sweep } from "./collect/sweep.ts";
export { isGitFolder } from "./git-name.ts";
export * from "./limits.ts";
export { countClimbs, leavesTree } from "./link-target.ts";
export type { PackStore, UploadTail } from "./pack-store.ts";
export { comparePaths, joinPath, parsePath, parseProjectName } from "./parse-path.ts";
export type {
  DirectoryEntry,
  Entry,
  FileEntry,
  LinkEntry,
  ProjectSummary,
  Projects,
  Snapshot,
} from "./projects.ts";
export {
  type FileSource,
  type PushOrder,
  type PushOutcome,
  type PushProgress,
  type PushTransport,
  push,
  type SourceFile,
} from "./push-client.ts";
export { PushService, type PushServiceOptions } from "./push-service.ts";
export * from "./push-wire.ts";
export { type AheadLimits, readAhead } from "./read-ahead.ts";
export { makeReaderCaches, type ReaderCaches } from "./reader-caches.ts";
export type {
  PackReference,
  SnapshotPage,
  SnapshotRecord,
  SnapshotStore,
} from "./snapshot-store.ts";
export {
  StorageAccount,
  type StorageAccountOptions,
  type StorageLimits,
} from "./storage/storage-account.ts";
export type { ProjectUsage, UsageStore } from "./storage/usage-store.ts";
export { StoredProjects, type StoredProjectsOptions } from "./stored-projects.ts";
