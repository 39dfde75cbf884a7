import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import {
  type FolderState,
  isSameLeaf,
  type Leaf,
  type Leaves,
  type LocalLeaf,
  type LocalLeaves,
  NO_STATE,
  type ReadContents,
  RemoteProject,
} from "@zenode/core";
import { FolderScan, type FolderView, type KnownLeaf, nodeCodec, viewFolder } from "@zenode/node";
import { type ApiTransport, apiTransport } from "../connection/api-transport.ts";
import type { Target } from "../connection/target.ts";
import { CliError } from "../terminal/cli-error.ts";
import { FolderMemory } from "./folder-memory.ts";

export interface Sides {
  readonly base: Leaves;
  readonly local: LocalLeaves;
}

export type OnLook = (done: number, total: number) => void;

/** One folder and one project: what both last agreed on, and the folder as it is. */
export class FolderSync {
  readonly root: string;
  readonly project: string;
  readonly memory: FolderMemory;
  readonly transport: ApiTransport;
  readonly remote: RemoteProject;
  readonly scan: FolderScan;
  #state: FolderState;
  #known: ReadonlyMap<string, KnownLeaf>;

  private constructor(
    { root, project, target }: { root: string; project: string; target: Target },
    memory: FolderMemory,
    state: FolderState,
  ) {
    this.root = root;
    this.project = project;
    this.memory = memory;
    this.transport = apiTransport(target);
    this.remote = new RemoteProject({ project, transport: this.transport.pull, codec: nodeCodec });
    this.scan = new FolderScan(root);
    this.#state = state;
    this.#known = knownOf(state);
  }

  /** @throws CliError when there is no such folder. */
  static async open(target: Target, folder: string, project: string): Promise<FolderSync> {
    const root = realFolder(folder);
    const memory = await FolderMemory.of(target, project, root);
    const sync = new FolderSync({ root, project, target }, memory, await memory.read());
    if (sync.state.base.size > 0) sync.remote.learn(sync.state.base);
    return sync;
  }

  get state(): FolderState {
    return this.#state;
  }

  /** What it was in sync with is no more; files here are untouched. */
  forget(): void {
    this.#state = NO_STATE;
  }

  /** The folder as it is now; with `changed`, only these directories are looked at. */
  async look(
    options: {
      readonly tracked?: Iterable<string>;
      readonly changed?: Iterable<string> | undefined;
      readonly kept?: ReadContents;
      readonly onLook?: OnLook | undefined;
    } = {},
  ): Promise<FolderView> {
    await this.memory.checkFolder();
    await this.scan.refresh(options.changed);
    const view = await viewFolder(this.scan, {
      known: this.#known,
      tracked: options.tracked ?? this.#state.base.keys(),
      now: Date.now,
      ...(options.kept && { kept: options.kept }),
      ...(options.onLook && { onProgress: options.onLook }),
    });
    this.#known = view.known;
    return view;
  }

  /** What is compared: a path that this folder can't hold counts as unchanged, unless something lies there after all. */
  sides({ local }: Pick<FolderView, "local">): Sides {
    const { base, left } = this.#state;
    if (left.size === 0) return { base, local };
    const sides = { base: new Map<string, Leaf>(base), local: new Map<string, LocalLeaf>(local) };
    for (const at of left) {
      const leaf = base.get(at);
      if (sides.local.has(at)) sides.base.delete(at);
      else if (leaf) sides.local.set(at, leaf);
    }
    return sides;
  }

  /** Remembers what folder and project agree on now. */
  async remember(state: Omit<FolderState, "stamps">): Promise<void> {
    const stamps = new Map<string, string>();
    for (const [at, { stamp, leaf }] of this.#known) {
      if (isSameLeaf(leaf, state.base.get(at))) stamps.set(at, stamp);
    }
    this.#state = { ...state, stamps };
    await this.memory.write(this.#state);
  }
}

function knownOf({ base, stamps }: FolderState): ReadonlyMap<string, KnownLeaf> {
  const known = new Map<string, KnownLeaf>();
  for (const [at, stamp] of stamps) {
    const leaf = base.get(at);
    if (leaf) known.set(at, { stamp, leaf });
  }
  return known;
}

/** @throws CliError. */
export function realFolder(folder: string): string {
  const absolute = path.resolve(folder);
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) return realpathSync(absolute);
  throw new CliError(`${absolute} is no folder.`);
}

/** The project named, or the one that has the folder's name. */
export function projectOf(folder: string, named: string | undefined): string {
  return named ?? path.basename(path.resolve(folder)).toLowerCase();
}
