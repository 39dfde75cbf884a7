import type { Row, Violation } from "./history.ts";
import { isEnded, lastItem, violation } from "./job-rules.ts";

interface LoggedEvent {
  readonly number: number;
  readonly writer: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A job's log: numbers from 1 without gap or repeat, each written once, one end, no writer from before. */
export function checkLog(rows: readonly Row[], job: string): Violation[] {
  const own = rows.filter(({ pk }) => pk.endsWith(`#L#${job}`));
  const events = own.flatMap(toEvents);
  return [
    ...checkNumbers(own),
    ...checkWriters(rows, job, own, events),
    ...checkProgress(events),
    ...checkEnd(rows, job, events),
  ];
}

/** A job's log, as far as it lies in the table. */
export function eventsOf(rows: readonly Row[], job: string): readonly LoggedEvent[] {
  return rows.filter(({ pk }) => pk.endsWith(`#L#${job}`)).flatMap(toEvents);
}

function toEvents({ sk, now }: Row): LoggedEvent[] {
  // A batch beyond an item's size lies in the bucket; its numbers are checked by its count.
  const batch = JSON.parse(String(now?.events ?? "[]")) as [string, LoggedEvent["data"]][];
  return batch.map(([kind, data], index) => ({
    number: Number(sk) + index,
    writer: String(now?.writer),
    kind,
    data,
  }));
}

function checkNumbers(batches: readonly Row[]): Violation[] {
  const found: Violation[] = [];
  let next = 1;
  for (const { sk, old, now } of batches) {
    const first = Number(sk);
    if (old !== undefined || now === undefined)
      found.push(violation("log-once", `the batch at ${first} was changed`));
    if (first > next) found.push(violation("log-gap", `${first} was written after ${next - 1}`));
    if (first < next) found.push(violation("log-twice", `${first} was written again`));
    if (typeof now?.events === "string" && JSON.parse(now.events).length !== now.count)
      found.push(violation("log-count", `the batch at ${first} does not hold ${now.count} events`));
    next = first + Number(now?.count ?? 0);
  }
  return found;
}

/** Who opens the log names the fence of a claim that is there by then; nobody with a lower one writes after it. */
function checkWriters(
  rows: readonly Row[],
  job: string,
  own: readonly Row[],
  events: readonly LoggedEvent[],
): Violation[] {
  const found: string[] = [];
  let highest = 0;
  for (const { number, writer, kind, data } of events) {
    const fence = Number(data.fence);
    if (kind === "started") {
      if (fence <= highest) found.push(`${number}: fence ${fence} after ${highest}`);
      highest = Math.max(highest, fence);
      const before = writtenAt(own, number);
      if (!wasClaimed(rows, job, { fence, before }))
        found.push(`${number}: nobody had claimed with ${fence}`);
    }
    if (/^fence-/.test(writer) && writer !== `fence-${highest}`)
      found.push(`${number}: ${writer} wrote while ${highest} had the log`);
  }
  return found.map((text) => violation("log-fence", text));
}

function writtenAt(batches: readonly Row[], number: number): number {
  const batch = batches.find(({ sk, now }) => Number(sk) + Number(now?.count) > number);
  return batch?.sequence ?? 0;
}

function wasClaimed(
  rows: readonly Row[],
  job: string,
  { fence, before }: { readonly fence: number; readonly before: number },
): boolean {
  return rows.some(
    ({ pk, sk, now, sequence }) =>
      sk === "job" && pk.endsWith(`#J#${job}`) && now?.fence === fence && sequence < before,
  );
}

/** Each worker's own progress goes up by one; the next worker may begin anew, but nowhere between. */
function checkProgress(events: readonly LoggedEvent[]): Violation[] {
  const found: Violation[] = [];
  let last = { writer: "", step: 0 };
  for (const { number, writer, kind, data } of events) {
    if (kind !== "progress") continue;
    const step = Number(data.progress);
    if (writer === last.writer && step !== last.step + 1)
      found.push(violation("progress", `${number}: step ${step} after ${last.step}`));
    last = { writer, step };
  }
  return found;
}

function checkEnd(rows: readonly Row[], job: string, events: readonly LoggedEvent[]): Violation[] {
  const ends = events.filter(({ kind }) => kind === "end");
  const found: Violation[] = [];
  if (ends.length > 1) found.push(violation("one-end", `the log has ${ends.length} ends`));
  const [end] = ends;
  if (end && end !== events.at(-1))
    found.push(violation("one-end", `events after the end at ${end.number}`));
  if (end && !isEnded(lastItem(rows, job)))
    found.push(violation("one-end", "the log ended, the job did not"));
  return found;
}
