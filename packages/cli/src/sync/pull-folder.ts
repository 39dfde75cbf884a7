import {
  comparePaths,
  findFolded,
  isOtherProject,
  type Leaf,
  type Leaves,
  type PullConflict,
  type PullPlan,
  planPull,
  type RemoteSnapshot,
  readLeaves,
} from "@zenode/core";
import {
  isTemporaryName,
  probeFolding,
  removeLeaf,
  type UpdateOutcome,
  updateFolder,
} from "@zenode/node";
import { CliError } from "../terminal/cli-error.ts";
import type { FolderSync, OnLook } from "./folder-sync.ts";

/** What changes while it is pulled is looked at again, so often. */
const MOST_ROUNDS = 4;

export interface PullOrder {
  readonly snapshot?: number | undefined;
  readonly dryRun?: boolean;
  /** Directories that may differ from the last look; absent: all. */
  readonly changed?: Iterable<string> | undefined;
  readonly onLook?: OnLook;
  readonly onWrite?: (done: number, total: number, bytes: number) => void;
}

export interface PullReport {
  readonly kind: "pulled" | "unchanged";
  readonly snapshot: number;
  readonly author: string;
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly conflicts: readonly PullConflict[];
  /** Not taken over, with the reason. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
  /** From the store. */
  readonly received: { readonly requests: number; readonly bytes: number };
}

/**
 * Takes over what was changed in the project since folder and project last agreed. What was changed here stays; where both
 * changed a file, theirs lies beside it.
 * @throws CliError when there is no such project.
 */
export async function pullFolder(sync: FolderSync, order: PullOrder = {}): Promise<PullReport> {
  const before = { ...sync.remote.received };
  const facts = await lookAtHead(sync, order.snapshot);
  if (facts.snapshot === sync.state.snapshot && order.snapshot === undefined) {
    const { snapshot, author } = facts;
    const nothing = { written: [], removed: [], conflicts: [], left: [] };
    return { kind: "unchanged", snapshot, author, ...nothing, received: { requests: 0, bytes: 0 } };
  }
  const remote = await sync.remote.read(facts);
  const pull = new Pull(sync, remote, await readLeaves(remote));
  await pull.run(order);
  const { requests, bytes } = sync.remote.received;
  return {
    ...pull.report(),
    received: { requests: requests - before.requests, bytes: bytes - before.bytes },
  };
}

async function lookAtHead(sync: FolderSync, snapshot: number | undefined) {
  const { state, project } = sync;
  const known = state.snapshot > 0 ? { known: state.snapshot } : {};
  const request = { ...known, ...(snapshot !== undefined && { snapshot }) };
  const facts = await sync.remote.look(request);
  if (!facts) throw new CliError(`There is no project ${project}. Push it first: zenode push`);
  if (state.snapshot === 0 || !isOtherProject(facts, state)) return facts;
  // Another project of the same name: what was agreed on says nothing of it.
  sync.forget();
  const again = await sync.remote.look(snapshot === undefined ? {} : { snapshot });
  if (!again) throw new CliError(`There is no project ${project}. Push it first: zenode push`);
  return again;
}

class Pull {
  readonly #sync: FolderSync;
  readonly #remote: RemoteSnapshot;
  readonly #leaves: Leaves;
  readonly #written: string[] = [];
  readonly #removed: string[] = [];
  readonly #conflicts = new Map<string, PullConflict>();
  readonly #left = new Map<string, string>();

  constructor(sync: FolderSync, remote: RemoteSnapshot, leaves: Leaves) {
    this.#sync = sync;
    this.#remote = remote;
    this.#leaves = leaves;
  }

  async run({ dryRun = false, changed, onLook, onWrite }: PullOrder): Promise<void> {
    const sync = this.#sync;
    const tracked = new Set([...sync.state.base.keys(), ...this.#leaves.keys()]);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const view = await sync.look({ tracked, changed: round === 0 ? changed : undefined, onLook });
      const remote = await this.#holdable(view.local.keys(), dryRun);
      const snapshot = this.#remote.facts.snapshot;
      const plan = planPull({ ...sync.sides(view), remote, snapshot });
      if (dryRun) {
        this.#note(plan, { written: paths(plan.writes), removed: paths(plan.removals) });
        return;
      }
      for (const one of sync.scan.abandoned()) await removeLeaf(sync.root, one);
      const outcome = await updateFolder({
        root: sync.root,
        plan,
        view,
        fetch: (files, held) => this.#remote.snapshot.readMany(files, held),
        onProgress: onWrite,
      });
      this.#note(plan, outcome);
      await this.#remember(plan, outcome);
      if (outcome.late.length === 0) return;
    }
  }

  /** What this folder's file system can hold; the rest counts as it was. */
  async #holdable(local: Iterable<string>, dryRun: boolean): Promise<Leaves> {
    const folding = dryRun
      ? { cases: false, compositions: false }
      : await probeFolding(this.#sync.root);
    for (const [path, other] of findFolded(this.#leaves.keys(), local, folding)) {
      this.#left.set(path, `here it would be the same file as ${other}`);
    }
    for (const path of this.#leaves.keys()) {
      if (path.split("/").some(isTemporaryName))
        this.#left.set(path, "zenode has such names itself");
    }
    if (this.#left.size === 0) return this.#leaves;
    const remote = new Map<string, Leaf>(this.#leaves);
    for (const path of this.#left.keys()) {
      remote.delete(path);
      const before = this.#sync.state.base.get(path);
      if (before) remote.set(path, before);
    }
    return remote;
  }

  #note(
    plan: PullPlan,
    outcome: Pick<UpdateOutcome, "written" | "removed"> & Partial<UpdateOutcome>,
  ) {
    this.#written.push(...outcome.written);
    this.#removed.push(...outcome.removed);
    for (const conflict of plan.conflicts) this.#conflicts.set(conflict.path, conflict);
    for (const { path, reason } of outcome.impossible ?? []) this.#left.set(path, reason);
  }

  /** The base is the remote now, less what is still to be done. */
  async #remember({ conflicts }: PullPlan, { late, impossible }: UpdateOutcome): Promise<void> {
    const { state } = this.#sync;
    const open = new Set([...late, ...impossible.map(({ path }) => path)]);
    for (const { path, copy } of conflicts)
      if (copy !== undefined && open.has(copy)) open.add(path);
    const left = new Set([...this.#left.keys()].filter((path) => this.#leaves.has(path)));
    const base = new Map<string, Leaf>(this.#leaves);
    for (const path of open) {
      if (left.has(path)) continue;
      const before = state.base.get(path);
      if (before) base.set(path, before);
      else base.delete(path);
    }
    const { snapshot, root } = late.length === 0 ? this.#remote.facts : state;
    await this.#sync.remember({ snapshot, root, base, left });
  }

  report(): Omit<PullReport, "received"> {
    const { snapshot, author } = this.#remote.facts;
    const copies = new Set([...this.#conflicts.values()].map(({ copy }) => copy));
    return {
      kind: "pulled",
      snapshot,
      author,
      written: this.#written.filter((path) => !copies.has(path)).sort(comparePaths),
      removed: this.#removed.toSorted(comparePaths),
      conflicts: [...this.#conflicts.values()],
      left: [...this.#left].map(([path, reason]) => ({ path, reason })),
    };
  }
}

function paths(all: readonly { readonly path: string }[]): string[] {
  return all.map(({ path }) => path);
}
