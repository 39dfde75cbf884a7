import { seededRandom } from "../harness/seeded-random.ts";
import type { Retention } from "./retention.ts";
import type { Leaf, State } from "./state.ts";
import type { Climate } from "./weather.ts";

/** Where a step finds something: a share of what is there (0 to 1), or a path, be there something or not. */
export type Place = number | string;

export type PlannedChange =
  | {
      readonly kind: "write";
      readonly at: Place;
      readonly content: string;
      readonly executable: boolean;
    }
  | { readonly kind: "edit"; readonly at: Place; readonly content: string }
  | { readonly kind: "chmod"; readonly at: Place }
  | { readonly kind: "link"; readonly at: Place; readonly target: string }
  | { readonly kind: "copy"; readonly at: Place; readonly to: Place }
  | { readonly kind: "move"; readonly at: Place; readonly to: Place }
  | { readonly kind: "delete"; readonly at: Place };

export type PlannedStep =
  | { readonly kind: "create" }
  /** One change or many, as a worker's commit has them; from what a process holds (`old`) or from the newest. */
  | {
      readonly kind: "change";
      readonly changes: readonly PlannedChange[];
      readonly old: number | undefined;
    }
  /** A folder that knows nothing of the project, or (`from`) one that began as a snapshot. */
  | { readonly kind: "push"; readonly files: State; readonly from: boolean }
  /** The changes of a folder that was in sync some time ago (`old`) or just now: shares of its files go, others come. */
  | {
      readonly kind: "sync";
      readonly files: State;
      readonly gone: readonly number[];
      readonly old: number | undefined;
    }
  | {
      readonly kind: "read";
      readonly how: "walk" | "list" | "single";
      readonly old: number | undefined;
    }
  /** To a snapshot that the process holds, or to one by its number: the place in it, or (absent) all of it. */
  | {
      readonly kind: "restore";
      readonly source: number;
      readonly held: boolean;
      readonly at: Place | undefined;
    }
  | { readonly kind: "remove" }
  /** What is due; or (`urgent`) this project at once, whoever else is at it. */
  | { readonly kind: "collect"; readonly urgent: boolean };

/** A step and who makes it: a user, through one of the processes. */
export type Step = PlannedStep & {
  readonly id: number;
  readonly project: string;
  readonly user: string;
  readonly process: number;
};

export interface PlannedRound {
  /** So much time goes by before it. */
  readonly pauseMs: number;
  /** They are made at once. */
  readonly steps: readonly Step[];
}

/** Everything random about a sequence but the order of calls and their fates. */
export interface Plan {
  readonly seed: number;
  readonly climate: Climate;
  readonly retention: Retention;
  readonly rounds: readonly PlannedRound[];
}

export const PROCESSES = 3;
const PROJECTS = ["app", "app", "app", "web"] as const;
const USERS = ["ada", "eve", "zoe"] as const;
const NAMES = ["a", "b", "c", "ä", "a.b", "A"] as const;
const TARGETS = ["a", "../b", "../../a", "./c/d", "/etc/passwd", "a/../../b", ".."] as const;
const CONTENTS = ["", "one\n", "two\n", "ä\n", "\0\u0001"] as const;
const LARGE_CHARACTERS = 300_000;

/** How a sequence's weather is drawn: half are fair, some are bad, some very bad. */
const CLIMATES: readonly Climate[] = [
  { failures: 0, deaths: 0, bursts: 0 },
  { failures: 0, deaths: 0, bursts: 0 },
  { failures: 0.02, deaths: 0.005, bursts: 0.01 },
  { failures: 0.08, deaths: 0.02, bursts: 0 },
];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Around the times by which something is given up: an hour, the day of a job, the grace of 25 hours, days kept. */
const PAUSES_MS = [
  ...[0, 0, 10 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS, 12 * HOUR_MS],
  ...[23 * HOUR_MS, 24 * HOUR_MS, 25 * HOUR_MS - 5_000, 25 * HOUR_MS, 26 * HOUR_MS],
  ...[26 * HOUR_MS, 50 * HOUR_MS, 76 * HOUR_MS],
];
const RETENTIONS: readonly Retention[] = [
  { snapshotsKept: 1, daysKept: 1 },
  { snapshotsKept: 2, daysKept: 1 },
  { snapshotsKept: 3, daysKept: 2 },
];

/** The plan of a sequence: the same seed, the same plan. */
export function makePlan(seed: number): Plan {
  const dice = new Dice(seededRandom(seed));
  const climate = dice.one(CLIMATES);
  const writers = 1 + dice.below(4);
  const projects = dice.chance(0.25) ? PROJECTS : (["app"] as const);
  const retention = dice.one(RETENTIONS);
  const takesDays = dice.chance(0.5);
  const isRestless = dice.chance(0.15);
  let id = 0;
  const rounds = Array.from({ length: 3 + dice.below(dice.chance(0.15) ? 24 : 9) }, () => {
    const pauseMs = takesDays ? dice.one(PAUSES_MS) : 0;
    const draw = () => toStep(dice, id++, { projects, takesDays, isRestless });
    return { pauseMs, steps: Array.from({ length: 1 + dice.below(writers) }, draw) };
  });
  return { seed, climate, retention, rounds };
}

interface Scope {
  readonly projects: readonly string[];
  /** Time goes by, so there is something to collect. */
  readonly takesDays: boolean;
  /** It is deleted and made anew all the time. */
  readonly isRestless: boolean;
}

function toStep(dice: Dice, id: number, { projects, takesDays, isRestless }: Scope): Step {
  if (id === 0)
    return { ...toPush(dice), from: false, id, project: "app", user: "ada", process: 0 };
  const step = dice.chance(takesDays ? 0.25 : 0.02)
    ? { kind: "collect" as const, urgent: dice.chance(0.6) }
    : anyStep(dice, isRestless && dice.chance(0.5));
  const project = dice.one(projects);
  return { ...step, id, project, user: dice.one(USERS), process: dice.below(PROCESSES) };
}

function anyStep(dice: Dice, isRestless: boolean): PlannedStep {
  const drawn = dice.below(isRestless ? 30 : 100);
  if (drawn < 4) return { kind: "create" };
  if (drawn < 12) return toPush(dice);
  if (drawn < 16) return toSync(dice);
  if (drawn < 18 || (drawn < 24 && isRestless)) return { kind: "remove" };
  const old = dice.chance(0.25) ? dice.share() : undefined;
  if (drawn < 30) return toRestore(dice);
  if (drawn < 46) return { kind: "read", how: dice.one(["walk", "list", "single"]), old };
  const count = dice.chance(0.3) ? 2 + dice.below(4) : 1;
  return { kind: "change", changes: Array.from({ length: count }, () => toChange(dice)), old };
}

function toRestore(dice: Dice): PlannedStep {
  const at = dice.chance(0.5) ? dice.place() : undefined;
  return { kind: "restore", source: dice.share(), held: dice.chance(0.4), at };
}

function toSync(dice: Dice): PlannedStep {
  const gone = dice.chance(0.5) ? [dice.share()] : [];
  const old = dice.chance(0.7) ? dice.share() : undefined;
  return { kind: "sync", files: toPush(dice).files, gone, old };
}

function toPush(dice: Dice): Extract<PlannedStep, { readonly kind: "push" }> {
  const files = new Map<string, Leaf>();
  for (let left = dice.below(10); left > 0; left--) {
    const path = dice.path();
    const [blocks, blocked] = [`${path}/`, [...files.keys()].map((other) => `${other}/`)];
    if (blocked.some((other) => blocks.startsWith(other) || other.startsWith(blocks))) continue;
    files.set(path, toLeaf(dice));
  }
  return { kind: "push", files, from: dice.chance(0.6) };
}

function toLeaf(dice: Dice): Leaf {
  if (dice.chance(0.15)) return { kind: "link", target: dice.one(TARGETS) };
  return { kind: "file", content: dice.content(), executable: dice.chance(0.2) };
}

function toChange(dice: Dice): PlannedChange {
  const [at, drawn] = [dice.place(), dice.below(100)];
  if (drawn < 35) {
    return { kind: "write", at, content: dice.content(), executable: dice.chance(0.2) };
  }
  if (drawn < 50) return { kind: "edit", at: dice.share(), content: dice.content() };
  if (drawn < 58) return { kind: "chmod", at: dice.share() };
  if (drawn < 66) return { kind: "link", at, target: dice.one(TARGETS) };
  if (drawn < 76)
    return { kind: "copy", at: dice.chance(0.9) ? dice.share() : dice.path(), to: dice.place() };
  if (drawn < 88) return { kind: "move", at: dice.share(), to: dice.place() };
  return { kind: "delete", at: dice.chance(0.8) ? dice.share() : at };
}

/** Draws. */
class Dice {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  share(): number {
    return this.#random();
  }

  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  chance(rate: number): boolean {
    return this.#random() < rate;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  path(): string {
    return Array.from({ length: 1 + this.below(3) }, () => this.one(NAMES)).join("/");
  }

  place(): Place {
    return this.chance(0.5) ? this.path() : this.share();
  }

  /** Mostly short and mostly met before; now and then larger than a frame of a pack. */
  content(): string {
    if (this.chance(0.4)) return this.one(CONTENTS);
    if (this.chance(0.98)) return `${this.below(1_000_000)}\n`.repeat(1 + this.below(4));
    return `${this.below(1_000_000)} `.repeat(LARGE_CHARACTERS / 8);
  }
}
