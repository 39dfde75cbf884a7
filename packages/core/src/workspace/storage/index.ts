export { openWriting, type Writer, type Writing } from "../change/writing.ts";
export type { DueProject, DueProjects } from "../collect/due-projects.ts";
export type { PackInventory, StoredPack } from "../collect/pack-inventory.ts";
export type { RetentionPolicy } from "../collect/retention-policy.ts";
export type { ArchivedRecord, SnapshotArchive } from "../collect/snapshot-archive.ts";
export { type SweepPorts, type SweepReport, sweep } from "../collect/sweep.ts";
export {
  StorageAccount,
  type StorageAccountOptions,
  type StorageLimits,
} from "./storage-account.ts";
export type { ProjectUsage, UsageStore } from "./usage-store.ts";
