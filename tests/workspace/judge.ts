import { makeReaderCaches, type SnapshotRecord, StoredProjects } from "@zenode/core";
import { MemoryProjectChoices, makePrincipal } from "@zenode/core/testing";
import type { Deed, Intent, Sight } from "./deed.ts";
import { explainRefusal, findLine, type Line } from "./judge-refusal.ts";
import { readAsOther } from "./other-reader.ts";
import type { Stores } from "./processes.ts";
import { directoriesOf, look } from "./sight.ts";
import {
  applyChanges,
  differences,
  isSameAt,
  isSameState,
  type Leaf,
  leadsOut,
  type State,
  totalsOf,
  touchedBy,
} from "./state.ts";

/** More than any sequence makes. */
const ALL = 10_000;

/** What one round did, and what fell on it. */
export interface Round {
  readonly deeds: readonly Deed[];
  /** Whether any store call failed. */
  readonly disturbed: boolean;
  /** Snapshots that listeners were told of in it, as `project number`. */
  readonly announced: readonly string[];
}

/**
 * Knows what every project must hold: the states of the model, one for each snapshot. A snapshot's message tells which
 * step made it, so what became of a step whose answer was lost is decided when the records are read.
 */
export class Judge {
  readonly #stores: Stores;
  readonly #lines = new Map<string, Line>();
  readonly #faults: string[] = [];

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** What each project held, and who made it so. */
  get lines(): ReadonlyMap<string, Line> {
    return this.#lines;
  }

  /** What is wrong with a round; empty: nothing. */
  async judge(round: Round): Promise<readonly string[]> {
    this.#faults.length = 0;
    for (const project of new Set(round.deeds.map((deed) => deed.project))) {
      const line = findLine(this.#lines, project);
      const before = line.states.length - 1;
      const owners = await this.#readRecords(project, round);
      const deeds = round.deeds.filter((deed) => deed.project === project);
      for (const deed of deeds) this.#judgeDeed(deed, { line, before, owners, round });
    }
    await this.#judgeHeads();
    return [...this.#faults];
  }

  /** Reads every snapshot once more, with nothing in memory, and as another program would: what old ones hold does not change. */
  async judgeHistory(): Promise<readonly string[]> {
    this.#faults.length = 0;
    for (const project of this.#lines.keys()) {
      for (const record of await this.#records(project)) {
        await this.#judgeContent(record);
        await this.#judgeAsOther(record);
      }
    }
    return [...this.#faults];
  }

  #fault(deed: Deed | undefined, text: string | false): void {
    if (text === false) return;
    const who = deed ? `${deed.message} (${JSON.stringify(deed.intent).slice(0, 300)}): ` : "";
    this.#faults.push(who + text);
  }

  async #records(project: string): Promise<readonly SnapshotRecord[]> {
    const { snapshots, tenant } = this.#stores;
    return (await snapshots.list(tenant, project, { limit: ALL })).toReversed();
  }

  /** Takes in what is new: whose it is, whether it may be, and what the project holds then. */
  async #readRecords(project: string, { deeds }: Round): Promise<Map<Deed, number>> {
    const owners = new Map<Deed, number>();
    const { states } = findLine(this.#lines, project);
    const records = await this.#records(project);
    for (const [at, record] of records.entries()) {
      if (record.number !== at + 1) this.#fault(undefined, `${project} ${at + 1} is missing.`);
      if (at + 1 < states.length) continue;
      this.#take(record, findOwner(deeds, record, owners), owners);
      await this.#judgeContent(record);
    }
    if (records.length < states.length - 1) this.#fault(undefined, `${project} lost snapshots.`);
    return owners;
  }

  #take({ project, author }: SnapshotRecord, owner: Deed | undefined, owners: Map<Deed, number>) {
    const { states, makers } = findLine(this.#lines, project);
    const number = states.length;
    makers.push(owner);
    states.push(owner ? this.#stateAfter(owner, states) : (states.at(-1) ?? new Map()));
    if (!owner) return this.#fault(undefined, `${project} ${number} is no step's of this round.`);
    if (owner.user !== author) this.#fault(owner, `Its author is ${author}.`);
    if (owners.has(owner)) this.#fault(owner, `It made snapshot ${number}, too.`);
    else owners.set(owner, number);
  }

  /** What a step makes of the newest state; a fault when it may not. */
  #stateAfter(deed: Deed, states: readonly State[]): State {
    const head = states.at(-1) ?? new Map();
    const { intent } = deed;
    if (intent.kind === "push") {
      if (intent.base !== states.length - 1) {
        this.#fault(deed, `A push from ${intent.base} became snapshot ${states.length}.`);
      }
      return withoutLeadingOut(intent.files);
    }
    if (intent.kind === "change") {
      const base = states[intent.base] ?? new Map();
      const lost = touchedBy(intent.changes).find((path) => !isSameAt(path, base, head));
      if (lost !== undefined) this.#fault(deed, `It overwrote what another made of ${lost}.`);
      const next = applyChanges(intent.changes, base, head);
      if (typeof next !== "string") return next;
      this.#fault(deed, `It was to be refused: ${next}.`);
      return head;
    }
    if (intent.kind !== "create" || states.length > 1) {
      this.#fault(deed, `It made snapshot ${states.length}.`);
    }
    return new Map();
  }

  /** What a snapshot holds, its totals, and what a reader without any cache sees. */
  async #judgeContent(record: SnapshotRecord): Promise<void> {
    const { project, number } = record;
    const expected = findLine(this.#lines, project).states[number] ?? new Map();
    const { files, bytes } = totalsOf(expected);
    if (files !== record.files || bytes !== record.bytes) {
      this.#fault(
        undefined,
        `${project} ${number} says ${record.files} files, ${record.bytes} bytes, not ${files}, ${bytes}.`,
      );
    }
    try {
      const how = number % 2 === 0 ? "walk" : "list";
      this.#judgeSight(project, await look(await this.openCold(record), how, false), undefined);
    } catch (error) {
      this.#fault(undefined, `${project} ${number} can't be read: ${String(error)}`);
    }
  }

  /** What lies in the store is what the document says, whatever our own reader makes of it. */
  async #judgeAsOther(record: SnapshotRecord): Promise<void> {
    const { packs, tenant } = this.#stores;
    const { project, number } = record;
    try {
      const leaves = await readAsOther(record, (id, bytes) =>
        packs.read(tenant, project, id, 0, bytes),
      );
      const files = new Map<string, Leaf>();
      for (const [path, leaf] of leaves) {
        files.set(
          path,
          leaf.kind === "link" ? leaf : { ...leaf, content: leaf.content.toString() },
        );
      }
      const directories = directoriesOf(files);
      this.#judgeSight(project, { number, fresh: false, files, directories }, undefined);
    } catch (error) {
      this.#fault(undefined, `${project} ${number} is not as documented: ${String(error)}`);
    }
  }

  /** A snapshot as a process sees it that has nothing in memory. */
  openCold(record: SnapshotRecord) {
    const { tenant, snapshots: real, packs, codec } = this.#stores;
    const principal = makePrincipal({ tenant });
    const snapshots = new Proxy(real, {
      get: (target, name) => (name === "head" ? async () => record : Reflect.get(target, name)),
    });
    const caches = makeReaderCaches(8_000_000);
    const writing = async () => {
      throw new Error("The judge changes nothing.");
    };
    const choices = new MemoryProjectChoices();
    const cold = { principal, snapshots, packs, codec, choices, caches, writing };
    return new StoredProjects(cold).open(record.project);
  }

  #judgeSight(project: string, sight: Sight, deed: Deed | undefined): void {
    const expected = findLine(this.#lines, project).states[sight.number];
    if (!expected) {
      this.#fault(deed, `It saw ${project} ${sight.number}, which is not there.`);
      return;
    }
    if (!isSameState(expected, sight.files)) {
      const what = differences(expected, sight.files);
      this.#fault(deed, `${project} ${sight.number} is not what it must be: ${what}.`);
    }
    const directories = directoriesOf(expected).join("\n");
    if (sight.directories.join("\n") !== directories) {
      this.#fault(deed, `${project} ${sight.number} has directories ${sight.directories}.`);
    }
  }

  #judgeDeed(deed: Deed, scene: Scene): void {
    for (const sight of deed.sights) {
      this.#judgeSight(deed.project, sight, deed);
      if (sight.fresh && sight.number < scene.before) {
        this.#fault(
          deed,
          `It saw snapshot ${sight.number}, though ${scene.before} was there before.`,
        );
      }
    }
    for (const fault of this.#judgeOutcome(deed, scene)) this.#fault(deed, fault);
  }

  #judgeOutcome(deed: Deed, { line, before, owners, round }: Scene): readonly (string | false)[] {
    const { outcome } = deed;
    const made = owners.get(deed);
    switch (outcome.kind) {
      case "broken":
        return [`It broke: ${describe(outcome.error)}`];
      case "dead":
        return [];
      case "failed":
        return [!round.disturbed && `It failed for nothing: ${outcome.message}`];
      case "refused": {
        const fault = explainRefusal(deed, outcome, { ...line, before });
        return [
          made !== undefined && `Refused (${outcome.message}), it made snapshot ${made}.`,
          fault !== undefined && `${fault} It was told: ${outcome.message}`,
        ];
      }
      case "done": {
        if (made === undefined) return [findIdleFault(deed.intent, outcome.number, line, before)];
        const isTold = round.announced.includes(`${deed.project} ${made}`);
        return [
          made !== outcome.number && `It was told of ${outcome.number}, and made ${made}.`,
          !isTold && `Nobody was told of snapshot ${made}.`,
        ];
      }
    }
  }

  /** What the list of projects says is what they hold. */
  async #judgeHeads(): Promise<void> {
    const { snapshots, tenant } = this.#stores;
    const heads = await snapshots.heads(tenant);
    for (const [project, { states }] of this.#lines) {
      const number = states.length - 1;
      const listed = heads.filter((head) => head.project === project).map((head) => head.number);
      const head = await snapshots.head(tenant, project);
      if (number > 0 ? listed.join() !== `${number}` : listed.length > 0) {
        this.#fault(undefined, `${project} is listed at ${listed.join()}, not ${number}.`);
      }
      if ((head?.number ?? 0) !== number) {
        this.#fault(undefined, `The head of ${project} is ${head?.number}, not ${number}.`);
      }
    }
  }
}

interface Scene {
  readonly line: Line;
  /** The newest snapshot's number before the round. */
  readonly before: number;
  readonly owners: ReadonlyMap<Deed, number>;
  readonly round: Round;
}

/** What is wrong with a step that was done and made no snapshot: on one that was then the newest, there was nothing to do. */
function findIdleFault(
  intent: Intent,
  number: number,
  { states }: Line,
  before: number,
): string | false {
  const there = states[number];
  if (intent.kind === "read") return false;
  if (!there) return `It was told of ${number}, which is not there.`;
  if (number < before) return `It was told of ${number}, and ${before} was newer.`;
  if (intent.kind === "push") {
    return !isSameState(withoutLeadingOut(intent.files), there) && `Snapshot ${number} is another.`;
  }
  if (intent.kind !== "change") return `Snapshot ${number} is another's.`;
  const base = states[intent.base] ?? new Map();
  const lost = touchedBy(intent.changes).find((path) => !isSameAt(path, base, there));
  if (lost !== undefined) return `It was not told what another made of ${lost}.`;
  const after = applyChanges(intent.changes, base, there);
  if (typeof after === "string") return `It was to be refused: ${after}.`;
  return !isSameState(after, there) && "It was told that it was done.";
}

/** Whose a snapshot is. New projects have one message: who made one was told so, or was told nothing. */
function findOwner(
  deeds: readonly Deed[],
  { project, number, author, message }: SnapshotRecord,
  owners: ReadonlyMap<Deed, number>,
): Deed | undefined {
  const here = deeds.filter((deed) => deed.project === project);
  if (message !== "create" || number !== 1) return here.find((deed) => deed.message === message);
  const creators = here.filter(({ intent, user }) => intent.kind === "create" && user === author);
  const may = creators.filter((deed) => deed.outcome.kind !== "refused" && !owners.has(deed));
  return may.find(({ outcome }) => outcome.kind === "done") ?? may[0];
}

/** A push leaves out links that may lead out. */
function withoutLeadingOut(files: State): State {
  return new Map(
    [...files].filter(([path, leaf]) => leaf.kind === "file" || !leadsOut(path, leaf.target)),
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
