import { comparePaths } from "../parse-path.ts";
import { CopyNames } from "./copy-name.ts";
import {
  compareLeaves,
  findBlocked,
  isSameLeaf,
  type Leaf,
  type Leaves,
  type LocalLeaf,
  type LocalLeaves,
} from "./leaf.ts";

export interface PullSides {
  /** What folder and project last agreed on. */
  readonly base: Leaves;
  readonly local: LocalLeaves;
  readonly remote: Leaves;
  /** Number of the snapshot that `remote` is: it names the copies. */
  readonly snapshot: number;
}

export interface PlannedWrite {
  readonly path: string;
  readonly leaf: Leaf;
  /** What is replaced; absent: nothing may be there. */
  readonly was: Leaf | undefined;
}

export interface PlannedRemoval {
  readonly path: string;
  readonly was: Leaf;
}

/** A path that both sides changed. What is here stays; what is there is written beside it. */
export interface PullConflict {
  readonly path: string;
  /** Where what is there lies now; absent: it was deleted there. */
  readonly copy?: string;
}

/** All in the order of paths. */
export interface PullPlan {
  readonly writes: readonly PlannedWrite[];
  readonly removals: readonly PlannedRemoval[];
  readonly conflicts: readonly PullConflict[];
}

/**
 * What a folder takes over from a project: its changes, where nothing was changed here. Whatever was changed here stays
 * as it is. Afterwards the base is `remote`, whole.
 *
 * A file deleted here and changed there comes back: nothing here is lost by it. One changed here and deleted there stays.
 */
export function planPull(sides: PullSides): PullPlan {
  const { local, remote, snapshot } = sides;
  const { writes, apart, removals, deletedThere } = sortChanges(sides);
  const gone = new Set(removals.map(({ path }) => path));
  const kept = new Set([...local.keys()].filter((path) => !gone.has(path)));
  const added = writes.filter(({ was }) => !was).map(({ path }) => path);
  const blocked = findBlocked(added, kept);
  const changing = new Set([...gone, ...writes.map(({ path }) => path)]);
  const staying = new Map([...local].filter(([path]) => !changing.has(path)));
  const names = new CopyNames({ local, remote, staying, snapshot });
  const copied = [...apart, ...writes.filter(({ path }) => blocked.has(path))].map((write) => {
    const copy = names.choose(write.path, blocked.get(write.path) ?? write.path, write.leaf);
    return { path: write.path, copy, leaf: write.leaf };
  });
  return {
    writes: [
      ...writes.filter(({ path }) => !blocked.has(path)),
      // A pull that was cut may have left the copy.
      ...copied
        .filter(({ copy, leaf }) => !isSameLeaf(staying.get(copy), leaf))
        .map(({ copy, leaf }) => ({ path: copy, leaf, was: undefined })),
    ].sort(byPath),
    removals: removals.sort(byPath),
    conflicts: [
      ...deletedThere.map((path) => ({ path })),
      ...copied.map(({ path, copy }) => ({ path, copy })),
    ].sort(byPath),
  };
}

type Step = "nothing" | "write" | "apart" | "remove" | "deleted there";

function chooseStep(
  base: Leaf | undefined,
  mine: LocalLeaf | undefined,
  theirs: Leaf | undefined,
): Step {
  const change = compareLeaves(base, mine, theirs);
  if (change === "agree" || change === "mine") return "nothing";
  if (change === "theirs") return theirs ? "write" : "remove";
  // Nothing is here that could be lost.
  if (!mine) return "write";
  return theirs ? "apart" : "deleted there";
}

function sortChanges({ base, local, remote }: PullSides) {
  const steps = [...new Set([...base.keys(), ...remote.keys()])].map((path) => {
    const [mine, theirs] = [local.get(path), remote.get(path)];
    const step = chooseStep(base.get(path), mine, theirs);
    return { step, path, was: mine === "foreign" ? undefined : mine, leaf: theirs };
  });
  const of = (wanted: Step) => steps.filter(({ step }) => step === wanted);
  const writes = (wanted: Step): PlannedWrite[] =>
    of(wanted).flatMap(({ path, leaf, was }) => (leaf ? { path, leaf, was } : []));
  const removals: PlannedRemoval[] = of("remove").flatMap(({ path, was }) =>
    was ? { path, was } : [],
  );
  return {
    writes: writes("write"),
    apart: writes("apart"),
    removals,
    deletedThere: of("deleted there").map(({ path }) => path),
  };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return comparePaths(a.path, b.path);
}
