import { KIB } from "../lib/bytes.ts";
import { RefusedError } from "../lib/error.ts";
import type { Json } from "../lib/json.ts";
import { mistakeIn } from "../tool/input-answer.ts";
import { type Job, type JobInput, outstanding } from "./job.ts";

/** What a job holds of requests and answers at most, as JSON: they lie in its item. */
const INPUT_BYTES = 128 * KIB;

/** What a worker asks anew, and the keys it is done with. */
export interface InputChange {
  readonly add: readonly Pick<JobInput, "key" | "request">[];
  readonly drop: readonly string[];
}

/** By key; what is no answer to an outstanding request is passed over. */
export type InputAnswers = Readonly<Record<string, Json>>;

/** A job's inputs as they are to be, and the state that follows from them. */
export interface InputState {
  readonly inputs: readonly JobInput[];
  readonly state: "running" | "input_required";
}

/** Repeatable: keys that are there already stay as they are. @throws RefusedError `too_large`. */
export function changeInputs({ inputs }: Pick<Job, "inputs">, change: InputChange): InputState {
  const kept = inputs.filter(({ key }) => !change.drop.includes(key));
  const added = change.add.filter(({ key }) => !inputs.some((input) => input.key === key));
  return toState([...kept, ...added.map(({ key, request }) => ({ key, request }))]);
}

/**
 * Undefined: none of the keys is outstanding, so nothing changes. A request that got its answer keeps
 * it, whatever comes later.
 * @throws RefusedError `invalid_input` for an answer of the wrong shape, `too_large`.
 */
export function answerInputs(
  job: Pick<Job, "inputs">,
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
  return toState(inputs);
}

function toState(inputs: readonly JobInput[]): InputState {
  const bytes = new TextEncoder().encode(JSON.stringify(inputs)).length;
  if (bytes > INPUT_BYTES) {
    throw new RefusedError(
      "too_large",
      `Requests and answers of a task hold at most ${INPUT_BYTES} bytes at a time; these are ${bytes}.`,
    );
  }
  const asks = outstanding({ inputs }).length > 0;
  return { inputs, state: asks ? "input_required" : "running" };
}
