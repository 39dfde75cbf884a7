import { isDeepStrictEqual } from "node:util";
import { makeReaderCaches, type SnapshotRecord, StoredProjects } from "@zenode/core";
import { MemoryProjectChoices, makePrincipal } from "@zenode/core/testing";
import type { Deed, Intent, Sight } from "./deed.ts";
import {
  type Changing,
  changingOf,
  explainRefusal,
  findLine,
  isAbsent,
  type Line,
} from "./judge-refusal.ts";
import { allOf, type Collected, StorageJudge } from "./judge-storage.ts";
import { readAsOther } from "./other-reader.ts";
import type { Stores } from "./processes.ts";
import type { Retention } from "./retention.ts";
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
import { syncOnto } from "./sync-model.ts";

/** More than any sequence makes. */
const ALL = 10_000;
/** So many visits of the collector are enough for all that a policy keeps for days. */
const MOST_LOOKS = 12;

/** What one round did, and what fell on it. */
export interface Round {
  readonly deeds: readonly Deed[];
  /** Whether any store call failed. */
  readonly disturbed: boolean;
  /** Snapshots that listeners were told of in it, as `project number`. */
  readonly announced: readonly string[];
  /** When it began. Milliseconds since the epoch. */
  readonly began: number;
}

/**
 * Knows what every project must hold: the states of the model, one for each snapshot. A snapshot's message tells which
 * step made it, so what became of a step whose answer was lost is decided when the records are read.
 */
export class Judge {
  readonly #stores: Stores;
  readonly #storage: StorageJudge;
  readonly #lines = new Map<string, Line>();
  readonly #faults: string[] = [];

  constructor(stores: Stores, retention: Retention) {
    this.#stores = stores;
    this.#storage = new StorageJudge(stores, retention);
  }

  /** What the collector forgot and removed so far. */
  get collected(): Collected {
    return { ...this.#storage.collected };
  }

  /** What each project held, and who made it so. */
  get lines(): ReadonlyMap<string, Line> {
    return this.#lines;
  }

  /** What is wrong with a round; empty: nothing. */
  async judge(round: Round): Promise<readonly string[]> {
    this.#faults.length = 0;
    for (const { project } of round.deeds) findLine(this.#lines, project);
    const before = new Map([...this.#lines].map(([name, { states }]) => [name, states.length - 1]));
    const gone = new Map([...this.#lines].map(([name, line]) => [name, new Set(line.gone)]));
    const owners = new Map<Deed, number>();
    const listed = new Map<string, readonly number[]>();
    for (const project of this.#lines.keys()) {
      listed.set(project, await this.#readRecords(project, round, owners));
    }
    const hasCollected = round.deeds.some(({ intent }) => intent.kind === "collect");
    this.#faults.push(...(await this.#storage.judge(this.#lines, hasCollected)));
    for (const [project, numbers] of listed) this.#judgeKept(project, numbers);
    for (const deed of round.deeds) {
      const line = findLine(this.#lines, deed.project);
      const was = { before: before.get(deed.project) ?? 0, gone: gone.get(deed.project) };
      this.#judgeDeed(deed, { line, ...was, owners, round });
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

  /** Lets the collector come by, as long as something is due; then nothing may be left that no kept snapshot needs. */
  async judgeEnd(collect: () => Promise<readonly Deed[]>): Promise<readonly string[]> {
    const { due, clock } = this.#stores;
    const alive = [...this.#lines].map(([project, { states, gone }]) => {
      const numbers = [...states.keys()].filter((number) => number > 0 && !gone.has(number));
      return [project, numbers] as const;
    });
    const isDue = async () => (await allOf(due.due(Number.MAX_SAFE_INTEGER))).length > 0;
    for (let looks = 0; looks < MOST_LOOKS && (await isDue()); looks++) {
      const began = clock.now();
      const round = { deeds: await collect(), disturbed: false, announced: [], began };
      const faults = await this.judge(round);
      if (faults.length > 0) return faults;
    }
    const left = await this.#storage.judgeEnd(this.#lines, new Map(alive));
    return left.length > 0 ? left : this.judgeHistory();
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

  /** Takes in what is new: whose it is, whether it may be, and what the project holds then. The numbers that are there. */
  async #readRecords(
    project: string,
    round: Round,
    owners: Map<Deed, number>,
  ): Promise<readonly number[]> {
    const line = findLine(this.#lines, project);
    const records = await this.#records(project);
    for (const record of records) {
      const { number } = record;
      const known = line.records[number];
      if (known && !isDeepStrictEqual(known, record)) {
        this.#fault(undefined, `The record of ${project} ${number} is another than it was.`);
      }
      if (number < line.states.length) continue;
      if (number > line.states.length) {
        this.#fault(undefined, `${project} ${line.states.length} is missing.`);
      }
      this.#take(record, findOwner(round.deeds, record, owners), { owners, began: round.began });
      await this.#judgeContent(record);
    }
    return records.map(({ number }) => number);
  }

  #judgeKept(project: string, numbers: readonly number[]): void {
    const { states, gone } = findLine(this.#lines, project);
    const kept = [...states.keys()].filter((number) => number > 0 && !gone.has(number));
    if (kept.join() === numbers.join()) return;
    this.#fault(undefined, `${project} lists ${numbers}, and keeps ${kept}.`);
  }

  #take(
    record: SnapshotRecord,
    owner: Deed | undefined,
    { owners, began }: { readonly owners: Map<Deed, number>; readonly began: number },
  ): void {
    const { project, author, createdAt } = record;
    const line = findLine(this.#lines, project);
    const { states, makers, records } = line;
    const number = states.length;
    states.push(owner ? this.#stateAfter(owner, line) : (states.at(-1) ?? new Map()));
    makers.push(owner);
    records.push(record);
    if (!owner) {
      this.#fault(undefined, `${project} ${number} is no step's of this round.`);
      return;
    }
    if (owner.user !== author) this.#fault(owner, `Its author is ${author}.`);
    if (createdAt < began || createdAt > this.#stores.clock.now()) {
      this.#fault(owner, `It was made at ${createdAt}, not in this round.`);
    }
    if ((owner.intent.kind === "remove") !== (record.deleted === true)) {
      this.#fault(
        owner,
        `${project} ${number} ${record.deleted ? "deletes it" : "deletes nothing"}.`,
      );
    }
    if (owners.has(owner)) this.#fault(owner, `It made snapshot ${number}, too.`);
    else owners.set(owner, number);
  }

  /** What a step makes of the newest state; a fault when it may not. */
  #stateAfter(deed: Deed, line: Line): State {
    const { states } = line;
    const { intent } = deed;
    if (intent.kind === "push") {
      if (intent.base !== states.length - 1) {
        this.#fault(deed, `A push from ${intent.base} became snapshot ${states.length}.`);
      }
      return withoutLeadingOut(intent.files);
    }
    if (intent.kind === "sync") return this.#stateSynced(deed, intent, line);
    const changing = changingOf(intent, line);
    if (changing) return this.#stateChanged(deed, changing, line);
    const canBe = isAbsent(line, states.length - 1) ? "create" : "remove";
    if (intent.kind !== canBe) this.#fault(deed, `It made snapshot ${states.length}.`);
    return new Map();
  }

  #stateSynced(deed: Deed, { base, local, onto }: IntentOf<"sync">, line: Line): State {
    const number = line.states.length - 1;
    const head = line.states[number] ?? new Map();
    if (onto !== number) this.#fault(deed, `What was made onto ${onto} follows ${number}.`);
    if (isAbsent(line, number) && base.size > 0) {
      this.#fault(deed, "A folder's changes alone made its deleted project anew.");
    }
    const synced = syncOnto(base, local, head);
    if (synced.kind === "state") return synced.files;
    this.#fault(deed, `It overwrote what another made of ${[...synced.paths]}.`);
    return head;
  }

  #stateChanged(deed: Deed, { base: number, changes }: Changing, line: Line): State {
    const { states } = line;
    const [base, head] = [states[number] ?? new Map(), states.at(-1) ?? new Map()];
    const isGone = isAbsent(line, states.length - 1);
    if (isAbsent(line, number) !== isGone) {
      this.#fault(deed, `The project was ${isGone ? "deleted" : "made"} meanwhile.`);
    }
    const lost = touchedBy(changes).find((path) => !isSameAt(path, base, head));
    if (lost !== undefined) this.#fault(deed, `It overwrote what another made of ${lost}.`);
    const next = applyChanges(changes, base, head);
    if (typeof next !== "string") return next;
    this.#fault(deed, `It was to be refused: ${next}.`);
    return head;
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
      get: (target, name) => (name === "get" ? async () => record : Reflect.get(target, name)),
    });
    const caches = makeReaderCaches(8_000_000);
    const writing = async () => {
      throw new Error("The judge changes nothing.");
    };
    const choices = new MemoryProjectChoices();
    const cold = { principal, snapshots, packs, codec, choices, caches, writing };
    return new StoredProjects(cold).openAt(record.project, record.number);
  }

  #judgeSight(project: string, sight: Sight, deed: Deed | undefined): void {
    const line = findLine(this.#lines, project);
    const expected = line.states[sight.number];
    if (sight.fresh && isAbsent(line, sight.number)) {
      this.#fault(deed, `It opened ${project} ${sight.number}, with which it was deleted.`);
    }
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
    const { intent } = deed;
    if (intent.kind === "restore" && intent.isAsked && scene.gone?.has(intent.source)) {
      this.#fault(deed, `It got snapshot ${intent.source}, which is no longer kept.`);
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

type IntentOf<Kind extends Intent["kind"]> = Extract<Intent, { readonly kind: Kind }>;

interface Scene {
  readonly line: Line;
  /** The newest snapshot's number before the round. */
  readonly before: number;
  /** Numbers that were no longer kept before the round. */
  readonly gone: ReadonlySet<number> | undefined;
  readonly owners: ReadonlyMap<Deed, number>;
  readonly round: Round;
}

/** What is wrong with a step that was done and made no snapshot: on one that was then the newest, there was nothing to do. */
function findIdleFault(intent: Intent, number: number, line: Line, before: number): string | false {
  const there = line.states[number];
  if (intent.kind === "read" || intent.kind === "collect") return false;
  if (!there) return `It was told of ${number}, which is not there.`;
  if (number < before) return `It was told of ${number}, and ${before} was newer.`;
  if (isAbsent(line, number)) return `It was told of ${number}, with which it was deleted.`;
  if (intent.kind === "push") {
    return !isSameState(withoutLeadingOut(intent.files), there) && `Snapshot ${number} is another.`;
  }
  if (intent.kind === "sync") {
    const synced = syncOnto(intent.base, intent.local, there);
    const isDone = synced.kind === "state" && isSameState(synced.files, there);
    return !isDone && "It was told that it was in sync.";
  }
  const changing = changingOf(intent, line);
  if (!changing) return `Snapshot ${number} is another's.`;
  return findIdleChangeFault(changing, line.states[changing.base] ?? new Map(), there);
}

function findIdleChangeFault({ changes }: Changing, base: State, there: State): string | false {
  const lost = touchedBy(changes).find((path) => !isSameAt(path, base, there));
  if (lost !== undefined) return `It was not told what another made of ${lost}.`;
  const after = applyChanges(changes, base, there);
  if (typeof after === "string") return `It was to be refused: ${after}.`;
  return !isSameState(after, there) && "It was told that it was done.";
}

/** Whose a snapshot is. New and deleted projects have one message each: who made one was told so, or was told nothing. */
function findOwner(
  deeds: readonly Deed[],
  { project, number, author, message }: SnapshotRecord,
  owners: ReadonlyMap<Deed, number>,
): Deed | undefined {
  const here = deeds.filter((deed) => deed.project === project);
  const kind = ({ create: "create", delete: "remove" } as const)[message];
  if (!kind) return here.find((deed) => deed.message === message);
  const may = here.filter(
    (deed) =>
      deed.intent.kind === kind &&
      deed.user === author &&
      deed.outcome.kind !== "refused" &&
      !owners.has(deed),
  );
  const told = may.find(({ outcome }) => outcome.kind === "done" && outcome.number === number);
  return told ?? may.find(({ outcome }) => outcome.kind !== "done") ?? may[0];
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
