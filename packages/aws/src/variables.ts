import { GIB, MAX_FILES } from "@zenode/core";
import type { StorageLimits } from "@zenode/core/storage";

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable that is missing or empty. */
export function needVariable(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

/** @throws Error for what is no whole number from 1 to `most`. */
export function wholeNumber(env: Environment, name: string, most: number): number {
  const value = needVariable(env, name);
  const number = Number(value);
  if (/^\d{1,6}$/.test(value) && number >= 1 && number <= most) return number;
  throw new Error(`${name} is ${value}: it takes a number from 1 to ${most}.`);
}

/** What one tenant may store: for whoever writes. @throws Error that names the variable */
export function readStorageLimits(env: Environment): StorageLimits {
  return {
    storedBytes: wholeNumber(env, "ZENODE_STORAGE_GIB", 100_000) * GIB,
    projects: wholeNumber(env, "ZENODE_PROJECTS_PER_TENANT", 10_000),
    filesPerProject: wholeNumber(env, "ZENODE_FILES_PER_PROJECT", MAX_FILES),
    snapshotsPerProject: wholeNumber(env, "ZENODE_SNAPSHOTS_PER_PROJECT", 100_000),
  };
}
