import { findEntry, type JsonObject, RefusedError, type Snapshot } from "@zenode/core";
import {
  type Compared,
  compareSnapshots,
  findRenames,
  type PathChange,
} from "@zenode/core/compare";

/** So many are listed; the rest is counted. */
const MOST_LISTED = 500;

/** @throws RefusedError `not_found`: it is in none of the snapshots. */
export async function checkPath(path: string, snapshots: readonly Snapshot[]): Promise<void> {
  for (const snapshot of snapshots) if (await findEntry(snapshot, path)) return;
  const numbers = snapshots.map(({ number }) => number).join(", nor in ");
  throw new RefusedError("not_found", `There is no ${path} in snapshot ${numbers}.`);
}

/** All that differs, renames found. */
export async function listChanges(compared: Compared): Promise<readonly PathChange[]> {
  const changes: PathChange[] = [];
  for await (const change of compareSnapshots(compared)) changes.push(change);
  return findRenames(changes);
}

/** The part of a result that `PATH_CHANGES` describes; `about` adds what is known of single files. */
export function toPathChanges(
  changes: readonly PathChange[],
  about: (change: PathChange) => JsonObject = () => ({}),
): JsonObject {
  return {
    files: changes.slice(0, MOST_LISTED).map((change) => ({
      path: change.path,
      change: change.kind,
      ...(change.kind === "renamed" && { from_path: change.before.path }),
      ...about(change),
    })),
    files_changed: changes.length,
  };
}

/** `3 files: 1 added, 2 modified`, and the first of them. */
export function describeChanges(changes: readonly PathChange[]): string {
  const counts = Map.groupBy(changes, ({ kind }) => kind);
  const sums = [...counts].map(([kind, each]) => `${each.length} ${kind}`).sort();
  const SHOWN = 50;
  const lines = changes.slice(0, SHOWN).map((change) => `  ${describeChange(change)}`);
  if (changes.length > SHOWN) lines.push(`  … and ${changes.length - SHOWN} more`);
  return [`${changes.length} files: ${sums.join(", ") || "none"}`, ...lines].join("\n");
}

export function describeChange(change: PathChange): string {
  const from = change.kind === "renamed" ? `${change.before.path} -> ` : "";
  return `${change.kind} ${from}${change.path}`;
}
