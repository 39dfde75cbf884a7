import {
  compareLeaves,
  isOtherProject,
  isSameLeaf,
  type Leaves,
  type LocalLeaves,
  readLeaves,
  type Skipped,
} from "@zenode/core";
import type { FolderSync, OnLook } from "./folder-sync.ts";

export interface ChangedPath {
  readonly path: string;
  readonly change: "added" | "modified" | "deleted";
}

export interface StatusReport {
  readonly project: string;
  /** Newest snapshot that the folder has; 0: none. */
  readonly snapshot: number;
  /** The project's newest; 0: there is no such project yet. */
  readonly head: number;
  readonly behind: number;
  readonly here: readonly ChangedPath[];
  readonly there: readonly ChangedPath[];
  /** Changed on both sides, differently. */
  readonly conflicts: readonly string[];
  readonly skipped: Skipped;
  /** Files that had to be read; the others are known by their stamps. */
  readonly read: number;
}

/** What differs between folder and project, by what both last agreed on. Changes neither. */
export async function folderStatus(sync: FolderSync, onLook?: OnLook): Promise<StatusReport> {
  const { state, project } = sync;
  const facts = await sync.remote.look(state.snapshot > 0 ? { known: state.snapshot } : {});
  const isOther = state.snapshot > 0 && (!facts || isOtherProject(facts, state));
  if (isOther) sync.forget();
  const isKnown = !isOther && facts !== undefined && facts.snapshot === state.snapshot;
  const theirs = isKnown ? undefined : await readTheirs(sync, isOther ? undefined : facts);
  const tracked = new Set([...sync.state.base.keys(), ...(theirs?.keys() ?? [])]);
  const view = await sync.look({ tracked, onLook });
  const { base, local } = sync.sides(view);
  const remote = theirs ?? state.base;
  const snapshot = sync.state.snapshot;
  const head = facts?.snapshot ?? 0;
  await refreshStamps(sync, view.read > 0);
  return {
    ...{ project, snapshot, head, behind: Math.max(0, head - snapshot) },
    here: listChanges(base, local),
    there: listChanges(base, remote),
    conflicts: findConflicts(base, local, remote),
    skipped: view.skipped,
    read: view.read,
  };
}

async function readTheirs(
  sync: FolderSync,
  facts: Awaited<ReturnType<FolderSync["remote"]["look"]>>,
): Promise<Leaves> {
  const head = facts ? await sync.remote.read(facts) : await sync.remote.open();
  return head ? readLeaves(head) : new Map();
}

/** What was read is known to the next command, unless another one is at work. */
async function refreshStamps(sync: FolderSync, hasRead: boolean): Promise<void> {
  const lock = hasRead && sync.state.base.size > 0 ? sync.memory.tryLock() : undefined;
  if (!lock) return;
  try {
    const { snapshot } = await sync.memory.read();
    if (snapshot === sync.state.snapshot) await sync.remember(sync.state);
  } finally {
    lock.release();
  }
}

function listChanges(base: Leaves, now: LocalLeaves): readonly ChangedPath[] {
  const changes: ChangedPath[] = [];
  for (const path of new Set([...base.keys(), ...now.keys()])) {
    const [was, is] = [base.get(path), now.get(path)];
    if (is === "foreign" || isSameLeaf(was, is)) continue;
    const change = was ? (is ? "modified" : "deleted") : "added";
    changes.push({ path, change });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function findConflicts(base: Leaves, local: LocalLeaves, remote: Leaves): readonly string[] {
  const paths = [...new Set([...local.keys(), ...remote.keys(), ...base.keys()])];
  return paths
    .filter(
      (path) =>
        local.get(path) !== "foreign" &&
        compareLeaves(base.get(path), local.get(path), remote.get(path)) === "both",
    )
    .sort();
}
