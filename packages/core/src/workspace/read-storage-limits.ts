import { type Environment, GIB, wholeNumber } from "../lib/index.ts";
import { MAX_FILES } from "./limits.ts";
import type { StorageLimits } from "./storage/storage-account.ts";

/** What one tenant may store: for whoever writes. @throws Error that names the variable */
export function readStorageLimits(env: Environment): StorageLimits {
  return {
    storedBytes: wholeNumber(env, "ZENODE_STORAGE_GIB", 100_000) * GIB,
    projects: wholeNumber(env, "ZENODE_PROJECTS_PER_TENANT", 10_000),
    filesPerProject: wholeNumber(env, "ZENODE_FILES_PER_PROJECT", MAX_FILES),
    snapshotsPerProject: wholeNumber(env, "ZENODE_SNAPSHOTS_PER_PROJECT", 100_000),
  };
}
