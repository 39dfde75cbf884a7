import {
  type Leaf as CoreLeaf,
  type FileChange,
  type Leaves,
  type Offer,
  type PastSnapshot,
  type Projects,
  type PushTransport,
  push,
  pushChanges,
  RefusedError,
  RemoteProject,
  type Snapshot,
  type SourceFile,
  UnavailableError,
} from "@zenode/core";
import { differences } from "@zenode/core/compare";
import type { Deed, Intent, Outcome, Sight } from "./deed.ts";
import type { Place, PlannedChange, Step } from "./plan.ts";
import type { Process, Stores } from "./processes.ts";
import { DAY_MS } from "./retention.ts";
import { directoriesOf, look } from "./sight.ts";
import { type Leaf, leadsOut, type ModelChange, type State } from "./state.ts";

/** How often a client repeats a request that failed. */
const ATTEMPTS = 3;
/** Snapshots that a process goes on reading. */
const MOST_HELD = 8;
const encode = (text: string) => new TextEncoder().encode(text);

/** A step under way; when its process dies, it stays as it was then. */
interface Draft {
  readonly message: string;
  readonly project: string;
  readonly user: string;
  intent: Intent;
  outcome: Outcome;
  readonly sights: Sight[];
}

/** What a tool's changes are, but for a restore's. */
type PlainChange = Exclude<ModelChange, { readonly kind: "bring" }>;
type StepOf<Kind extends Step["kind"]> = Extract<Step, { readonly kind: Kind }>;

interface Opened {
  readonly snapshot: Snapshot;
  /** The newest one, asked for just now. */
  readonly fresh: boolean;
  /** It was held for longer than any call goes on. */
  readonly isOverdue: boolean;
}

/** Begins a step; the deed tells more as it goes on, and all once the promise has settled. */
export function perform(
  step: Step,
  process: Process,
  stores: Pick<Stores, "codec" | "clock">,
): { readonly deed: Deed; done(): Promise<void> } {
  const { project, user, id } = step;
  const draft: Draft = {
    ...{ message: `step ${id}`, project, user },
    ...{ intent: { kind: "none" }, outcome: { kind: "dead" }, sights: [] },
  };
  return { deed: draft, done: () => settle(draft, new Performance(draft, process, stores), step) };
}

async function settle(draft: Draft, performance: Performance, step: Step): Promise<void> {
  try {
    draft.outcome = { kind: "done", number: await performance.run(step) };
  } catch (error) {
    draft.outcome = toOutcome(error);
  }
}

function toOutcome(error: unknown): Outcome {
  if (error instanceof RefusedError) {
    return { kind: "refused", code: error.code, message: error.message };
  }
  if (error instanceof UnavailableError) return { kind: "failed", message: error.message };
  return { kind: "broken", error };
}

class Performance {
  readonly #draft: Draft;
  readonly #process: Process;
  readonly #projects: Projects;
  readonly #stores: Pick<Stores, "codec" | "clock">;

  constructor(draft: Draft, process: Process, stores: Pick<Stores, "codec" | "clock">) {
    this.#draft = draft;
    this.#process = process;
    this.#projects = process.projects(draft.user);
    this.#stores = stores;
  }

  /** The number of the snapshot that it left or read. */
  async run(step: Step): Promise<number> {
    switch (step.kind) {
      case "create":
        this.#draft.intent = { kind: "create" };
        return this.#hold(await this.#projects.create(step.project)).number;
      case "change":
        return this.#change(step);
      case "push":
        return this.#push(step);
      case "sync":
        return this.#sync(step);
      case "read":
        return this.#read(step);
      case "restore":
        return this.#restore(step);
      case "remove":
        this.#draft.intent = { kind: "remove" };
        return (await this.#projects.delete(step.project)).number;
      case "collect":
        this.#draft.intent = { kind: "collect" };
        await this.#process.collect(step.urgent ? step.project : undefined);
        return 0;
    }
  }

  async #read({ how, old }: StepOf<"read">): Promise<number> {
    const { snapshot, fresh, isOverdue } = await this.#open(old, "overdue");
    this.#draft.intent = { kind: "read", isOverdue };
    this.#draft.sights.push(await look(snapshot, how, fresh));
    return snapshot.number;
  }

  async #change({ changes: planned, old }: StepOf<"change">): Promise<number> {
    const { snapshot } = await this.#open(old);
    const there = await look(snapshot, "walk", false);
    const changes = planned.flatMap((change) => resolve(change, there.files));
    this.#draft.intent = { kind: "change", base: snapshot.number, changes };
    const { message } = this.#draft;
    const after = await this.#projects.change(snapshot, changes.map(toFileChange), message);
    return this.#hold(after).number;
  }

  async #push({ files: planned, from }: StepOf<"push">): Promise<number> {
    const base = from ? (await this.#open(undefined)).snapshot : undefined;
    const files = base ? merge((await look(base, "walk", true)).files, planned) : planned;
    this.#draft.intent = { kind: "push", base: base?.number, files };
    const outcome = await push({
      project: this.#draft.project,
      message: this.#draft.message,
      source: { list: async () => [...files].map(toSourceFile) },
      transport: this.#transport((begun) => {
        this.#draft.intent = { kind: "push", base: base?.number ?? begun, files };
      }),
      codec: this.#stores.codec,
      ...(base && { base: base.number }),
    });
    return outcome.snapshot;
  }

  /** As the tool does it: all or a place of an old snapshot, made again out of the packs that it lies in. */
  async #restore({ source, held, at }: StepOf<"restore">): Promise<number> {
    const known = held ? this.#heldAt(source)?.snapshot : undefined;
    const asked = known?.number ?? 1 + Math.floor(source * (await this.#newest()).number);
    const old = known ?? (await this.#openAt(asked));
    const there = at === undefined ? undefined : await look(old, "walk", false);
    if (there) this.#draft.sights.push(there);
    const path = there && at !== undefined ? toPath(at, there.files) : "";
    const head = await this.#newest();
    const base = head.number;
    this.#draft.intent = { kind: "restore", base, source: asked, isAsked: !known, path };
    const changes: FileChange[] = [];
    for await (const { path: place, after } of differences({ from: head, to: old, path })) {
      const copy = { kind: "copy", path: place, from: place, snapshot: old } as const;
      changes.push(after ? copy : { kind: "absent", path: place });
    }
    const after = await this.#projects.change(head, changes, this.#draft.message);
    return this.#hold(after).number;
  }

  /** Kept or not. */
  async #openAt(number: number): Promise<Snapshot> {
    this.#draft.intent = { kind: "openAt", number };
    const old = await this.#projects.openAt(this.#draft.project, number);
    if (!old.deleted) return this.#hold(old);
    this.#draft.sights.push(await look(old, "walk", false));
    throw new RefusedError("invalid_input", `With snapshot ${number} it was deleted.`);
  }

  /** Be it a deletion. */
  async #newest(): Promise<PastSnapshot> {
    const { project } = this.#draft;
    const [newest] = await this.#projects.history(project, { limit: 1 });
    if (newest) return newest;
    throw new RefusedError("not_found", `There is no project ${project}.`);
  }

  /** As the command does with a folder that was in sync: its changes alone. */
  async #sync({ files: planned, gone, old }: StepOf<"sync">): Promise<number> {
    const { project, message, user } = this.#draft;
    const base = await this.#inSync(old);
    const local = withChanges(base, planned, gone);
    this.#draft.intent = { kind: "sync", base, local, onto: undefined };
    const { codec } = this.#stores;
    const pull = this.#process.pullTransport(user);
    const remote = new RemoteProject({
      project,
      codec,
      transport: {
        begin: (request) => again(() => pull.begin(request)),
        read: (...range) => again(() => pull.read(...range)),
      },
    });
    const outcome = await pushChanges({
      ...{ project, message, remote, codec },
      base: toLeaves(base, codec),
      local: toLeaves(local, codec),
      offer: (path) => toOffer(local.get(path)),
      transport: this.#transport((onto) => {
        this.#draft.intent = { kind: "sync", base, local, onto };
      }),
    });
    if (outcome.kind !== "conflict") return outcome.snapshot;
    const { head, author, conflicts } = outcome;
    const both = JSON.stringify(conflicts);
    throw new RefusedError("conflict", `Changed both here and in ${head} (by ${author}): ${both}`);
  }

  /** What a folder holds that the project held, too: long ago, or now. */
  async #inSync(old: number | undefined): Promise<State> {
    const { folders } = this.#process;
    const known = folders.filter(({ project }) => project === this.#draft.project);
    const folder = old === undefined ? undefined : known[Math.floor(old * known.length)];
    if (folder) return folder.base;
    const { snapshot } = await this.#open(undefined);
    const { files: base } = await look(snapshot, "walk", false);
    folders.push({ project: snapshot.project, base });
    return base;
  }

  /** Repeats what failed, as the command does, and notes where the push begins. */
  #transport(onBegin: (base: number) => void): PushTransport {
    const real = this.#process.transport(this.#draft.user);
    return {
      begin: async (request) => {
        const answer = await again(() => real.begin(request));
        onBegin(answer.base);
        return answer;
      },
      upload: (request) => again(() => real.upload(request)),
      commit: (request) => again(() => real.commit(request)),
      put: (url, body) => again(() => real.put(url, body)),
    };
  }

  /** The newest snapshot, or one that the process holds, if it holds any of this project. */
  async #open(old: number | undefined, oldest?: "overdue"): Promise<Opened> {
    const one = old === undefined ? undefined : this.#heldAt(old, oldest);
    if (one) return { ...one, fresh: false };
    const snapshot = this.#hold(await this.#projects.open(this.#draft.project));
    return { snapshot, fresh: true, isOverdue: false };
  }

  /** A share of those that the process holds of this project; a call that ended long ago changes nothing any more. */
  #heldAt(share: number, oldest?: "overdue"): Pick<Opened, "snapshot" | "isOverdue"> | undefined {
    const now = this.#stores.clock.now();
    const held = this.#process.held
      .filter(({ snapshot }) => snapshot.project === this.#draft.project)
      .map(({ snapshot, since }) => ({ snapshot, isOverdue: now - since >= DAY_MS }))
      .filter(({ isOverdue }) => oldest === "overdue" || !isOverdue);
    return held[Math.floor(share * held.length)];
  }

  #hold<Held extends Snapshot>(snapshot: Held): Held {
    const { held } = this.#process;
    held.push({ snapshot, since: this.#stores.clock.now() });
    if (held.length > MOST_HELD) held.shift();
    return snapshot;
  }
}

async function again<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof UnavailableError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** A folder in which some files went and others were made; links that lead out are none of a project's. */
function withChanges(base: State, made: State, gone: readonly number[]): State {
  const left = new Map(base);
  for (const share of gone) left.delete([...base.keys()][Math.floor(share * base.size)] ?? "");
  const mine = [...made].filter(
    ([path, leaf]) => leaf.kind === "file" || !leadsOut(path, leaf.target),
  );
  return merge(left, new Map(mine));
}

function toLeaves(files: State, codec: Stores["codec"]): Leaves {
  const leaves = new Map<string, CoreLeaf>();
  for (const [path, leaf] of files) {
    if (leaf.kind === "link") {
      leaves.set(path, leaf);
      continue;
    }
    const { kind, executable } = leaf;
    const content = encode(leaf.content);
    const blob = codec.sha256(content);
    leaves.set(path, { kind, executable, bytes: content.length, blob });
  }
  return leaves;
}

function toOffer(leaf: Leaf | undefined): Offer {
  const content = encode(leaf?.kind === "file" ? leaf.content : "");
  return { kind: "file", bytes: content.length, read: async () => content };
}

/** The files of a folder in which some were made anew; what is now below a file, or above one, made way. */
function merge(there: State, made: State): State {
  const merged = new Map(there);
  for (const [path, leaf] of made) {
    for (const other of [...merged.keys()]) {
      const isInTheWay = `${path}/`.startsWith(`${other}/`) || other.startsWith(`${path}/`);
      if (isInTheWay) merged.delete(other);
    }
    merged.set(path, leaf);
  }
  return merged;
}

function resolve(change: PlannedChange, there: State): readonly PlainChange[] {
  const at = toPath(change.at, there);
  switch (change.kind) {
    case "write": {
      const { content, executable } = change;
      return [{ kind: "file", path: at, content, executable }];
    }
    case "link":
      return [{ kind: "link", path: at, target: change.target }];
    case "delete":
      return [{ kind: "absent", path: at }];
    case "copy":
      return [{ kind: "copy", from: at, path: toPath(change.to, there) }];
    case "move":
      return [
        { kind: "copy", from: at, path: toPath(change.to, there) },
        { kind: "absent", path: at },
      ];
    case "edit":
      return rewrite(at, there, (file) => ({ ...file, content: file.content + change.content }));
    case "chmod":
      return rewrite(at, there, (file) => ({ ...file, executable: !file.executable }));
  }
}

function rewrite(
  path: string,
  there: State,
  how: (file: Extract<Leaf, { readonly kind: "file" }>) => Extract<Leaf, { readonly kind: "file" }>,
): readonly PlainChange[] {
  const leaf = there.get(path);
  return leaf?.kind === "file" ? [{ ...how(leaf), path }] : [];
}

/** A share of what is there is one of its files, links and directories, the root among them. */
function toPath(place: Place, there: State): string {
  if (typeof place === "string") return place;
  const all = ["", ...there.keys(), ...directoriesOf(there)].sort();
  return all[Math.floor(place * all.length)] ?? "a";
}

function toFileChange(change: PlainChange): FileChange {
  return change.kind === "file" ? { ...change, content: encode(change.content) } : change;
}

function toSourceFile([path, leaf]: readonly [string, Leaf]): SourceFile {
  if (leaf.kind === "link") return { kind: "link", path, target: leaf.target };
  const content = encode(leaf.content);
  const { executable } = leaf;
  return { kind: "file", path, executable, bytes: content.length, read: async () => content };
}
