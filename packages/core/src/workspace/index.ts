export { ChangeConflict, describeConflict, type PathConflict } from "./change/change-conflict.ts";
export type { FileChange, LaterContent } from "./change/file-change.ts";
export { readContent } from "./change/to-edits.ts";
export type { Codec } from "./codec.ts";
export * from "./compare/index.ts";
export { entriesAfter } from "./entries-after.ts";
export { isGitFolder } from "./git-name.ts";
export * from "./limits.ts";
export { countClimbs, leavesTree } from "./link-target.ts";
export type { PackStore } from "./pack-store.ts";
export { comparePaths, joinPath, parsePath, parseProjectName } from "./parse-path.ts";
export type { ProjectChoices } from "./project-choices.ts";
export type {
  DirectoryEntry,
  Entry,
  FileEntry,
  LinkEntry,
  ListedEntry,
  PastSnapshot,
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
export {
  isGone,
  type OnCommit,
  type PackReference,
  type SnapshotPage,
  type SnapshotRecord,
  type SnapshotStore,
} from "./snapshot-store.ts";
export { StoredProjects, type StoredProjectsOptions } from "./stored-projects.ts";
