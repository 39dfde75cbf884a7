export { ChangeConflict, describeConflict, type PathConflict } from "./change/change-conflict.ts";
export type { FileChange, LaterContent } from "./change/file-change.ts";
export { readContent } from "./change/read-content.ts";
export type { Codec } from "./codec.ts";
export { findEntry } from "./compare/find-entry.ts";
export { entriesAfter } from "./entries-after.ts";
export { isGitFolder } from "./git-name.ts";
export { findChunks, type HeldChunks } from "./held-chunks.ts";
export { KeptContents, type ReadContents } from "./kept-contents.ts";
export {
  MAX_ENTRIES,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_PATH_BYTES,
  MAX_SNAPSHOT_BYTES,
} from "./limits.ts";
export { countClimbs, leavesTree } from "./link-target.ts";
export { mimeTypeOf } from "./mime-type.ts";
export type { PackStore, UploadTail } from "./pack-store.ts";
export { comparePaths, joinPath, parsePath, parseProjectName } from "./parse-path.ts";
export type { ProjectChoices } from "./project-choices.ts";
export type {
  DirectoryEntry,
  Entry,
  FileEntry,
  FilePart,
  LinkEntry,
  ListedEntry,
  PastSnapshot,
  ProjectSummary,
  Projects,
  Snapshot,
} from "./projects.ts";
export {
  type PushOrder,
  type PushOutcome,
  type PushProgress,
  type PushTransport,
  push,
} from "./push-client.ts";
export {
  type FileSource,
  type Offer,
  type Skipped,
  type SourceFile,
  sift,
  toOffer,
} from "./push-source.ts";
export { type AheadLimits, readAhead } from "./read-ahead.ts";
export { readStorageLimits } from "./read-storage-limits.ts";
export { makeReaderCaches, type ReaderCaches } from "./reader-caches.ts";
export {
  isOtherProject,
  type PullTransport,
  RemoteProject,
  type RemoteProjectOptions,
  type RemoteSnapshot,
  readLeaves,
} from "./remote-project.ts";
export {
  isGone,
  type OnCommit,
  type PackReference,
  type SnapshotPage,
  type SnapshotRecord,
  type SnapshotStore,
} from "./snapshot-store.ts";
export { StoredProjects, type StoredProjectsOptions } from "./stored-projects.ts";
export { type Folding, findFolded } from "./sync/folded-paths.ts";
export * from "./sync/folder-state.ts";
export {
  compareLeaves,
  isSameLeaf,
  type Leaf,
  type Leaves,
  type LocalLeaf,
  type LocalLeaves,
} from "./sync/leaf.ts";
export * from "./sync/plan-pull.ts";
export { type PushPlan, type PushSides, planPush } from "./sync/plan-push.ts";
export {
  type ChangesOrder,
  type ChangesOutcome,
  goneProject,
  pushChanges,
} from "./sync/push-changes.ts";
export { type PendingUpload, parsePendingUploads, type UploadJournal } from "./upload-journal.ts";
export { type Uploaded, UploadSeries } from "./upload-series.ts";
