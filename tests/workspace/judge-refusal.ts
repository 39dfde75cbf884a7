import { isDeepStrictEqual } from "node:util";
import type { SnapshotRecord } from "@zenode/core";
import type { Deed, Intent, Outcome } from "./deed.ts";
import { changesOfRestore } from "./restore-model.ts";
import { applyChanges, isSameAt, type ModelChange, type State, touchedBy } from "./state.ts";
import { syncOnto } from "./sync-model.ts";

/** What a project held: the state of snapshot n stands at n; at 0 there is nothing yet. */
export interface Line {
  readonly states: State[];
  /** Who made snapshot n, and from what. */
  readonly makers: (Deed | undefined)[];
  /** As they were first read; also of those that are no longer kept. */
  readonly records: (SnapshotRecord | undefined)[];
  /** Numbers that are no longer kept. */
  readonly gone: Set<number>;
}

/** A project's line; a new one begins with nothing. */
export function findLine(lines: Map<string, Line>, project: string): Line {
  const begun = {
    states: [new Map()],
    makers: [undefined],
    records: [undefined],
    gone: new Set<number>(),
  };
  const line = lines.get(project) ?? begun;
  lines.set(project, line);
  return line;
}

/** Whether there is no project with this snapshot: it was deleted, or not made yet. */
export function isAbsent({ records }: Pick<Line, "records">, number: number): boolean {
  return records[number]?.deleted ?? number === 0;
}

export interface Changing {
  readonly base: number;
  readonly changes: readonly ModelChange[];
}

/** What a step changes, of those that change places. */
export function changingOf(intent: Intent, { states }: Pick<Line, "states">): Changing | undefined {
  if (intent.kind === "change") return intent;
  if (intent.kind !== "restore") return undefined;
  const [base, source] = [states[intent.base], states[intent.source]];
  const from = { number: intent.source, state: source ?? new Map() };
  return { base: intent.base, changes: changesOfRestore(intent.path, base ?? new Map(), from) };
}

type Refused = Extract<Outcome, { readonly kind: "refused" }>;

/** A project's line, and its newest number before the round. */
interface Past extends Line {
  readonly before: number;
}

/** Why a refusal is wrong; undefined: it is right. */
export function explainRefusal(deed: Deed, refused: Refused, past: Past): string | undefined {
  const { intent } = deed;
  switch (intent.kind) {
    case "none":
      return explainNotFound(refused, past);
    case "remove":
      return explainRemoval(refused, past);
    case "read":
      return intent.isOverdue && refused.code === "not_found"
        ? undefined
        : "Nothing was to be refused.";
    case "collect":
      return "Nothing was to be refused.";
    case "openAt":
      return explainOpenAt(intent.number, refused, past);
    case "create": {
      const wasThere = sinceBefore(past).some((number) => !isAbsent(past, number));
      if (refused.code === "conflict" && wasThere) return undefined;
      return "Nobody had made the project.";
    }
    case "push":
      return explainPush(intent.base ?? 0, refused, past);
    case "sync":
      return explainSync(intent, refused, past);
    case "change":
    case "restore":
      return explainChange(changingOf(intent, past) as Changing, refused, past);
  }
}

/** The numbers that were the newest at some time of the round. */
function sinceBefore({ before, states }: Past): readonly number[] {
  return [...states.keys()].slice(before);
}

function explainNotFound({ code, message }: Refused, past: Past): string | undefined {
  if (code !== "not_found") return "Nothing was to be refused.";
  const numbers = sinceBefore(past).filter((number) => isAbsent(past, number));
  if (numbers.length === 0) return "The project was there.";
  const told = / was deleted by (\w+) in snapshot (\d+)\./.exec(message);
  if (!told) return numbers.includes(0) ? undefined : "It is not told who deleted it.";
  const number = Number(told[2]);
  if (numbers.includes(number) && past.makers[number]?.user === told[1]) return undefined;
  return "It was not deleted so.";
}

/** It was gone when it was looked at first, and there again when it was looked at for the reason. */
function explainRemoval(refused: Refused, past: Past): string | undefined {
  const told = / was made anew by (\w+) in snapshot (\d+)\./.exec(refused.message);
  if (refused.code !== "conflict" || !told) return explainNotFound(refused, past);
  const number = Number(told[2]);
  const wasGone = sinceBefore(past).some((other) => other < number && isAbsent(past, other));
  const isThere = number < past.states.length && !isAbsent(past, number);
  if (wasGone && isThere && past.makers[number]?.user === told[1]) return undefined;
  return "Nobody had made it anew.";
}

function explainOpenAt(number: number, { code, message }: Refused, past: Past): string | undefined {
  if (code === "invalid_input" && past.records[number]?.deleted) return undefined;
  const isTold = code === "not_found" && message.startsWith(`Snapshot ${number} of `);
  if (!isTold || !past.gone.has(number)) return `Snapshot ${number} was there.`;
  const near = /The next older one is (\d+)\.$/.exec(message)?.[1];
  if (near === undefined || Number(near) < number) return undefined;
  return `${near} is not older than ${number}.`;
}

function explainPush(base: number, { code, message }: Refused, past: Past): string | undefined {
  if (code !== "conflict") return "A push is refused for conflicts only.";
  const told = / is (deleted, )?at snapshot (\d+) \(by (\w+)\)/.exec(message);
  const named = Number(told?.[2]);
  if (!(named > base && named < past.states.length)) {
    return `Nobody had moved the head beyond ${base}.`;
  }
  if (past.makers[named]?.user !== told?.[3]) return `Snapshot ${named} is another's.`;
  const isDeletion = told?.[1] !== undefined;
  return isDeletion === isAbsent(past, named) ? undefined : `It is not so in ${named}.`;
}

function explainSync(
  { base, local }: Extract<Intent, { readonly kind: "sync" }>,
  { code, message }: Refused,
  past: Past,
): string | undefined {
  const numbers = sinceBefore(past);
  if (code === "not_found" && message.includes(" was deleted; this folder stays as it is")) {
    const wasAbsent = numbers.some((number) => isAbsent(past, number));
    return base.size > 0 && wasAbsent ? undefined : "Its project was there.";
  }
  const told = /^Changed both here and in (\d+) \(by (\w+)\): (.*)$/s.exec(message);
  if (code !== "conflict" || !told) return "Nothing was to be refused.";
  const [number, named] = [Number(told[1]), JSON.parse(told[3] ?? "[]") as string[]];
  if (!numbers.includes(number)) return `Snapshot ${number} was not the newest.`;
  if (past.makers[number]?.user !== told[2]) return `Snapshot ${number} is another's.`;
  const paths = changedByBoth(base, local, past.states[number]);
  return isDeepStrictEqual(paths, new Set(named)) ? undefined : `Both changed ${[...paths]}.`;
}

function changedByBoth(base: State, local: State, there: State | undefined): ReadonlySet<string> {
  const synced = syncOnto(base, local, there ?? new Map());
  return synced.kind === "conflict" ? synced.paths : new Set();
}

function explainChange(
  { base: number, changes }: Changing,
  { code, message }: Refused,
  past: Past,
): string | undefined {
  const base = past.states[number] ?? new Map<string, never>();
  if (code !== "conflict") {
    const expected = applyChanges(changes, base, base);
    if (typeof expected !== "string") return "It can be done.";
    return expected === code ? undefined : `It was to be refused as ${expected}.`;
  }
  const other = / (?:was deleted|already, made) by (\w+) in snapshot (\d+)\./.exec(message);
  if (other) return explainOther(number, { user: other[1], number: Number(other[2]) }, past);
  const told = /^(.*) was changed by (\w+) in snapshot (\d+)\./s.exec(message);
  const path = told?.[1];
  if (path === undefined || !touchedBy(changes).includes(path))
    return "It names no path of its own.";
  return explainPath(path, number, { user: told?.[2], number: Number(told?.[3]) }, past);
}

/** Told that a path was changed first by somebody; snapshots that are no longer kept may be passed over. */
function explainPath(
  path: string,
  number: number,
  told: Told,
  { states, makers, gone }: Past,
): string | undefined {
  const base = states[number] ?? new Map<string, never>();
  const changed = [...states.keys()].filter(
    (at) => at > number && !isSameAt(path, base, states[at] ?? new Map()),
  );
  if (changed.length === 0) return `Nobody had changed ${path}.`;
  const kept = changed.findIndex((at) => !gone.has(at));
  const may = kept < 0 ? changed : changed.slice(0, kept + 1);
  if (may.includes(told.number) && told.user === makers[told.number]?.user) return undefined;
  return `${path} was changed by ${may.map((at) => makers[at]?.user)} in snapshot ${may}.`;
}

/** Whose a snapshot is, by a message. */
interface Told {
  readonly user: string | undefined;
  readonly number: number;
}

/** Told that the project was deleted, or is there by now. */
function explainOther(base: number, told: Told, past: Past): string | undefined {
  if (!(told.number > base && told.number < past.states.length))
    return "There is no such snapshot.";
  if (past.makers[told.number]?.user !== told.user) return `Snapshot ${told.number} is another's.`;
  if (isAbsent(past, base) !== isAbsent(past, told.number)) return undefined;
  return `It is in snapshot ${told.number} as it was in ${base}.`;
}
