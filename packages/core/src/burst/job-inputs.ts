import { KIB } from "../lib/bytes.ts";
import { RefusedError } from "../lib/error.ts";
import type { Json } from "../lib/json.ts";
import { mistakeIn } from "../tool/input-answer.ts";
import { isParked, type Job, type JobInput, type JobState, outstanding } from "./job.ts";

/** What a job holds of requests and answers at most, as JSON: they lie in its item. */
const INPUT_BYTES = 128 * KIB;

/** What a worker asks anew, and the keys that mean nothing any more. */
export interface InputChange {
  readonly add: readonly Pick<JobInput, "key" | "request">[];
  readonly drop: readonly string[];
}

/** By key; what is no answer to an outstanding request is passed over. */
export type InputAnswers = Readonly<Record<string, Json>>;

/** A job's inputs as they are to be, and the state that follows from them. */
export interface InputState {
  readonly inputs: readonly JobInput[];
  readonly state: JobState;
}

/** Repeatable: keys that are there already stay as they are. @throws RefusedError `too_large`. */
export function changeInputs({ inputs }: Pick<Job, "inputs">, change: InputChange): InputState {
  const kept = inputs.filter(({ key }) => !change.drop.includes(key));
  const added = change.add.filter(({ key }) => !inputs.some((input) => input.key === key));
  const next = [...kept, ...added.map(({ key, request }) => ({ key, request }))];
  return { inputs: checkSize(next), state: isDue(next) ? "input_required" : "running" };
}

/** What is left once a checkpoint has closed some: a job that waits may have none to wait for. */
export function closeInputs(
  { inputs, state }: Pick<Job, "inputs" | "state">,
  closed: readonly string[],
): InputState {
  const kept = inputs.filter(({ key }) => !closed.includes(key));
  return { inputs: kept, state: state === "input_required" && !isDue(kept) ? "running" : state };
}

/**
 * Undefined: none of the keys is outstanding, so nothing changes. A request that got its answer keeps
 * it, whatever comes later.
 * @throws RefusedError `invalid_input` for an answer of the wrong shape, `too_large`.
 */
export function answerInputs(
  job: Pick<Job, "inputs" | "state" | "leaseUntil">,
  answers: InputAnswers,
): InputState | undefined {
  const answered = outstanding(job).filter(({ key }) => Object.hasOwn(answers, key));
  if (answered.length === 0) return undefined;
  for (const { key, request } of answered) {
    const mistake = mistakeIn(request, answers[key] ?? null);
    if (mistake !== undefined) throw new RefusedError("invalid_input", `${key}: ${mistake}`);
  }
  const inputs = job.inputs.map((input) =>
    answered.includes(input) ? { ...input, answer: answers[input.key] ?? null } : input,
  );
  return { inputs: checkSize(inputs), state: stateAfter(job, inputs) };
}

/** Only who waits goes on with the last answer: its worker, or the next one if it has none. */
function stateAfter(job: Pick<Job, "state" | "leaseUntil">, inputs: readonly JobInput[]): JobState {
  if (job.state !== "input_required" || isDue(inputs)) return job.state;
  return isParked(job) ? "queued" : "running";
}

function isDue(inputs: readonly JobInput[]): boolean {
  return outstanding({ inputs }).length > 0;
}

function checkSize(inputs: readonly JobInput[]): readonly JobInput[] {
  const bytes = new TextEncoder().encode(JSON.stringify(inputs)).length;
  if (bytes > INPUT_BYTES) {
    throw new RefusedError(
      "too_large",
      `Requests and answers of a task since its checkpoint hold at most ${INPUT_BYTES} bytes; these are ${bytes}.`,
    );
  }
  return inputs;
}
