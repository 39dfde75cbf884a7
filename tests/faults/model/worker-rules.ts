import { createHash } from "node:crypto";
import type { Item, RunHistory, SeenTask, ToolLine, Violation } from "./history.ts";
import { jobIds, lastItem, violation } from "./job-rules.ts";

type Line<Kind extends ToolLine["kind"]> = Extract<ToolLine, { kind: Kind }>;

function linesOf<Kind extends ToolLine["kind"]>(
  { lines }: RunHistory,
  kind: Kind,
  run?: string,
): Line<Kind>[] {
  return lines.filter(
    (line): line is Line<Kind> => line.kind === kind && (run === undefined || line.run === run),
  );
}

/** Every task that was launched is accounted for, and nothing outlives it. */
export function checkTasks(history: RunHistory): Violation[] {
  const { tasks, rows, left } = history;
  const jobs = new Set(jobIds(rows));
  const holders = new Set(rows.map(({ now }) => now?.worker).filter(Boolean));
  const known = new Set(tasks.map(({ arn }) => arn));
  return [
    ...[...holders]
      .filter((arn) => !known.has(String(arn)))
      .map((arn) => violation("tasks", `${arn} holds a job and was never launched`)),
    ...tasks
      .filter(({ job }) => !jobs.has(job))
      .map(({ arn }) => violation("tasks", `${arn} has no job`)),
    ...tasks.flatMap((task) => checkTask(task, history)),
    ...left.map(({ pid }) => violation("orphan", `process ${pid} outlived its task`)),
  ];
}

function checkTask({ arn, lastStatus, exitCode, faults }: SeenTask, history: RunHistory) {
  if (lastStatus !== "STOPPED") return [violation("orphan", `${arn} is ${lastStatus}`)];
  const explained = exitCode === 0 || faults.length > 0 || history.troubled;
  return explained ? [] : [violation("tasks", `${arn} ended with ${exitCode} and nobody did that`)];
}

/** Runs of the tool: each by a worker that held the job, steps in order, and one of them is the job's end. */
export function checkTool(history: RunHistory): Violation[] {
  const starts = linesOf(history, "start");
  const claims = jobIds(history.rows).reduce(
    (sum, job) => sum + Number(lastItem(history.rows, job)?.fence ?? 0),
    0,
  );
  const found = starts.flatMap((start) => checkRun(start, history));
  if (starts.length > claims)
    found.push(violation("runs", `the tool ran ${starts.length} times in ${claims} claims`));
  for (const { run, digest } of linesOf(history, "file"))
    if (digest !== history.file) found.push(violation("file", `run ${run} read another file`));
  return [...found, ...jobIds(history.rows).flatMap((job) => checkEffect(history, job))];
}

function checkRun({ run, from, task }: Line<"start">, history: RunHistory): Violation[] {
  const found: Violation[] = [];
  const steps = linesOf(history, "step", run).map(({ step }) => step);
  const expected = steps.map((_, index) => from + 1 + index);
  if (steps.join() !== expected.join())
    found.push(violation("steps", `run ${run} from ${from} did ${steps.join()}`));
  const wasDone = linesOf(history, "step").some((line) => line.step === from && line.run !== run);
  if (from > 0 && !wasDone)
    found.push(violation("steps", `run ${run} went on from ${from}, which nobody had done`));
  const ends = linesOf(history, "end", run);
  if (ends.length > 1) found.push(violation("runs", `run ${run} ended ${ends.length} times`));
  if (ends.length === 1 && (steps.at(-1) ?? from) !== history.steps)
    found.push(violation("steps", `run ${run} ended after step ${steps.at(-1)}`));
  if (!history.rows.some(({ now }) => String(now?.worker).endsWith(`/${task}`)))
    found.push(violation("runs", `run ${run} is of a task that never held the job`));
  return found;
}

/** The result is what one run left as its end, whole, and that run's worker held the job when it ended. */
function checkEffect(history: RunHistory, job: string): Violation[] {
  const last = lastItem(history.rows, job);
  if (last?.state !== "completed") return [];
  const digest = effectDigest(history, job);
  const effective = linesOf(history, "end").filter((end) => end.digest === digest);
  const [end] = effective;
  if (end === undefined) return [violation("result", `no run left what ${job} has as its result`)];
  if (effective.length > 1)
    return [violation("result", `${effective.length} runs left one result`)];
  const isHolders = String(last.worker).endsWith(`/${end.task}`);
  return isHolders ? [] : [violation("result", `the result of ${job} is not its last worker's`)];
}

interface Outcome {
  readonly result?: { readonly content?: readonly { readonly text?: string }[] };
  /** The parts of a result that is too large for an answer. */
  readonly stored?: readonly unknown[];
}

/** SHA-256 of all the text that is a completed job's result, be it in its item or in the bucket. */
function effectDigest(history: RunHistory, job: string): string | undefined {
  const outcome = outcomeOf(history, job);
  return outcome?.stored ? history.objects[job] : answerDigest(history, job);
}

/** SHA-256 of the text that the answer to a completed job's call begins with. */
export function answerDigest(history: RunHistory, job: string): string | undefined {
  const text = outcomeOf(history, job)?.result?.content?.[0]?.text;
  return text === undefined ? undefined : digestOf(text);
}

/** In how many parts a job's result lies in the bucket; 0: it lies in the job's item. */
export function storedParts({ outcome }: Item): number {
  return typeof outcome === "string" ? ((JSON.parse(outcome) as Outcome).stored?.length ?? 0) : 0;
}

function outcomeOf({ rows }: RunHistory, job: string): Outcome | undefined {
  const { outcome } = lastItem(rows, job) ?? {};
  return typeof outcome === "string" ? (JSON.parse(outcome) as Outcome) : undefined;
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
