export { openWriting, type Writer, type Writing } from "../change/writing.ts";
export type { DueProject, DueProjects } from "../collect/due-projects.ts";
export type { PackInventory, StoredPack } from "../collect/pack-inventory.ts";
export type { RetentionPolicy } from "../collect/retention-policy.ts";
export type { ArchivedRecord, SnapshotArchive } from "../collect/snapshot-archive.ts";
export { type SweepPorts, type SweepReport, sweep } from "../collect/sweep.ts";
export {
  type Commitment,
  StorageAccount,
  type StorageAccountOptions,
  type StorageLimits,
  type StorageUse,
} from "./storage-account.ts";
export type { CollectedUsage, ProjectUsage, UsageStore } from "./usage-store.ts";
