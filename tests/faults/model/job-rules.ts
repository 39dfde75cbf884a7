import type { Item, Row, Violation } from "./history.ts";

/** The states of a job and where each may go; `new` is before its first row. Stated here, not taken from the code. */
const MOVES: Readonly<Record<string, readonly string[]>> = {
  new: ["queued"],
  queued: ["queued", "claimed", "failed", "cancelled"],
  claimed: ["claimed", "running", "queued", "completed", "failed", "cancelled"],
  running: ["running", "input_required", "queued", "completed", "failed", "cancelled"],
  input_required: ["input_required", "running", "queued", "completed", "failed", "cancelled"],
};
const ENDED: ReadonlySet<unknown> = new Set(["completed", "failed", "cancelled"]);

export function isEnded(item: Item | undefined): boolean {
  return ENDED.has(item?.state);
}

/** A job's own rows, in order. */
export function jobRows(rows: readonly Row[], job: string): readonly Row[] {
  return rows.filter(({ pk, sk }) => sk === "job" && pk.endsWith(`#J#${job}`));
}

/** The ids of all jobs in a history. */
export function jobIds(rows: readonly Row[]): readonly string[] {
  const ids = rows.filter(({ sk }) => sk === "job").map(({ pk }) => pk.replace(/^.*#J#/, ""));
  return [...new Set(ids)];
}

/** A job's item as it was last. */
export function lastItem(rows: readonly Row[], job: string): Item | undefined {
  return jobRows(rows, job).at(-1)?.now;
}

/** One job's states, fences and outcome. */
export function checkJob(rows: readonly Row[], job: string): Violation[] {
  const own = jobRows(rows, job);
  const found = own.flatMap((row, index) => checkWrite(row, own[index - 1]?.now));
  const last = own.at(-1)?.now;
  if (!isEnded(last)) found.push(violation("one-end", `${job} never ended: ${last?.state}`));
  return found;
}

function checkWrite({ old, now, sequence }: Row, before: Item | undefined): Violation[] {
  const at = (rule: string, text: string) => violation(rule, `write ${sequence}: ${text}`);
  if (now === undefined) return [at("kept", "the job was deleted")];
  if (!same(old, before)) return [at("history", "the item is not what the write before left")];
  if (before === undefined) return checkFirst(now).map((text) => at("first", text));
  if (isEnded(before)) return [at("one-end", `an ended job (${before.state}) was written again`)];
  return [
    ...checkMove(before, now).map((text) => at("moves", text)),
    ...checkFence(before, now).map((text) => at("fence", text)),
    ...checkOutcome(before, now).map((text) => at("outcome", text)),
  ];
}

function checkFirst(now: Item): string[] {
  const isNew = now.state === "queued" && now.fence === 0 && now.attempts === 0;
  return isNew ? [] : ["a job does not begin queued, with fence and attempts 0"];
}

function checkMove(before: Item, now: Item): string[] {
  const allowed = MOVES[String(before.state)] ?? [];
  const said = [];
  if (!allowed.includes(String(now.state))) said.push(`${before.state} became ${now.state}`);
  if (Number(now.attempts) < Number(before.attempts) && now.state !== "queued")
    said.push("attempts fell while the job was held");
  if (before.cancelRequested === true && now.cancelRequested !== true)
    said.push("a cancellation was forgotten");
  return said;
}

/** A fence grows by one with a claim, and only then; the holder changes with it. */
function checkFence(before: Item, now: Item): string[] {
  const claims = before.state === "queued" && now.state === "claimed";
  const expected = Number(before.fence) + (claims ? 1 : 0);
  const said = [];
  if (now.fence !== expected) said.push(`fence ${before.fence} became ${now.fence}`);
  if (!claims && now.worker !== before.worker) said.push("the holder changed without a claim");
  if (claims && typeof now.worker !== "string") said.push("a claim names no worker");
  return said;
}

function checkOutcome(before: Item, now: Item): string[] {
  const written = now.outcome !== undefined || now.outcomeObject !== undefined;
  // What was cancelled before a worker had it needs to say nothing more.
  if (!written && now.state === "cancelled" && before.state === "queued") return [];
  if (isEnded(now) !== written) return [`${now.state} with${written ? "" : "out"} an outcome`];
  if (!written) return [];
  const finished = now.finishedFence;
  if (now.state === "completed" && finished === undefined) return ["nobody's fence ended it"];
  const isHolders = finished === undefined || finished === before.fence;
  return isHolders ? [] : [`fence ${finished} ended what fence ${before.fence} held`];
}

/** What was done is not done again: after a job that completed its call has no other. */
export function checkNoRepeat(rows: readonly Row[]): Violation[] {
  const done = rows.findIndex(({ sk, now }) => sk === "job" && now?.state === "completed");
  if (done < 0) return [];
  const later = rows.slice(done).find(({ sk, old }) => sk === "job" && !old);
  if (!later) return [];
  return [violation("no-repeat", `${later.pk} came after ${rows[done]?.pk} was done`)];
}

/** The same call never has two jobs at work at once. */
export function checkOneJobAtWork(rows: readonly Row[]): Violation[] {
  const working = new Set<string>();
  const found: Violation[] = [];
  for (const { pk, sk, now } of rows) {
    if (sk !== "job") continue;
    if (isEnded(now)) working.delete(pk);
    else working.add(pk);
    if (working.size > 1) found.push(violation("one-job", `at work at once: ${[...working]}`));
  }
  return found.slice(0, 1);
}

export function violation(rule: string, text: string): Violation {
  return { rule, text };
}

function same(one: Item | undefined, other: Item | undefined): boolean {
  return canonical(one) === canonical(other);
}

function canonical(item: Item | undefined): string {
  const fields = Object.entries(item ?? {}).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) ? [...value].sort() : value,
  ]);
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}
