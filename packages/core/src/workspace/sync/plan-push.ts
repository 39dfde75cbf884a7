import type { Edit } from "../change/file-change.ts";
import { comparePaths } from "../parse-path.ts";
import { ancestors, compareLeaves, findBlocked, type Leaves, type LocalLeaves } from "./leaf.ts";

export interface PushSides {
  readonly base: Leaves;
  readonly local: LocalLeaves;
  readonly remote: Leaves;
}

export interface PushPlan {
  /** To be made to the remote tree. */
  readonly edits: readonly Edit[];
  /** Paths that both sides changed, sorted. */
  readonly conflicts: readonly string[];
  /** So many paths were changed there alone: the folder has yet to pull them. */
  readonly behind: number;
}

/** What a project takes over from a folder: its changes; a path that was changed there too is a conflict. */
export function planPush({ base, local, remote }: PushSides): PushPlan {
  const edits: Edit[] = [];
  const conflicts: string[] = [];
  for (const path of new Set([...base.keys(), ...local.keys()])) {
    const leaf = local.get(path);
    if (leaf === "foreign") continue;
    const change = compareLeaves(base.get(path), leaf, remote.get(path));
    if (change === "mine") edits.push({ path, entry: leaf });
    else if (change === "both") conflicts.push(path);
  }
  const gone = new Set(edits.filter(({ entry }) => !entry).map(({ path }) => path));
  const kept = new Set([...remote.keys()].filter((path) => !gone.has(path)));
  const added = edits.filter(({ path, entry }) => entry && !remote.has(path));
  conflicts.push(
    ...findBlocked(
      added.map(({ path }) => path),
      kept,
    ).keys(),
  );
  // Where a file is written, what lay below its name goes with the directory.
  const written = new Set(edits.filter(({ entry }) => entry).map(({ path }) => path));
  const needed = edits.filter(
    ({ path, entry }) => entry || ![...ancestors(path)].some((above) => written.has(above)),
  );
  const behind = [...new Set([...base.keys(), ...remote.keys()])].filter(
    (path) => compareLeaves(base.get(path), local.get(path), remote.get(path)) === "theirs",
  ).length;
  return { edits: needed, conflicts: conflicts.sort(comparePaths), behind };
}
