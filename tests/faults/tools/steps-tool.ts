import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { defineTool, HOUR, type ToolContext, type ToolResult, text } from "@zenode/core";
import * as z from "zod";

export const LINES = "lines.jsonl";
/** The file a run reads of a project, where it is given one. */
export const PROJECT_FILE = "data.txt";

const INPUT = z.object({
  /** Seen by the test and the worker. */
  folder: z.string(),
  /** The run's, and within it the call's. */
  label: z.string(),
  call: z.string(),
  steps: z.number(),
  stepMs: z.number(),
  /** Added to the result's text. */
  fillerBytes: z.number(),
  project: z.string().optional(),
});
type Input = z.infer<typeof INPUT>;

/** Of a context that has checkpoints; without them a run begins at the first step. */
interface Checkpointing {
  checkpoint?(state: { readonly done: number }): Promise<void>;
  readonly resumed?: unknown;
}

/**
 * Does numbered steps, tells of each, and leaves a line on disk for whatever it does. It leaves a file and a
 * process behind, as a tool should not: no other job may find them.
 */
async function run(input: Input, context: ToolContext): Promise<ToolResult> {
  const { clock, signal, progress } = context;
  const durable = context as Checkpointing;
  const id = randomUUID();
  const from = doneBefore(durable.resumed);
  const found = [...otherProcesses(), ...(await litter(input, context, id))];
  const helper = spawn("/bin/sleep", ["600"], { stdio: "ignore" });
  await once(helper, "spawn");
  const leave = (line: object) => append(input, id, line);
  const processes = [process.pid, helper.pid ?? 0].map(describeProcess);
  const { tenant, username: user } = context.principal;
  const checkpoints = durable.checkpoint !== undefined;
  leave({ kind: "start", tenant, user, found, processes, checkpoints, from });
  if (input.project !== undefined) leave({ kind: "file", digest: await readFile(input, context) });
  for (let step = from + 1; step <= input.steps; step += 1) {
    signal.throwIfAborted();
    await clock.sleep(input.stepMs, signal);
    signal.throwIfAborted();
    leave({ kind: "step", step });
    progress(step, input.steps, `step ${step}`);
    await durable.checkpoint?.({ done: step });
  }
  const result = JSON.stringify({
    label: input.label,
    call: input.call,
    run: id,
    filler: "x".repeat(input.fillerBytes),
  });
  leave({ kind: "end", digest: sha256(result) });
  return text(result);
}

function doneBefore(resumed: unknown): number {
  if (typeof resumed !== "object" || resumed === null || !("done" in resumed)) return 0;
  return Number(resumed.done);
}

async function readFile({ project }: Input, { projects }: ToolContext): Promise<string> {
  const snapshot = await projects.open(project ?? "");
  return sha256(await snapshot.read(PROJECT_FILE, 2 ** 20));
}

function append({ folder, call }: Input, run: string, line: object): void {
  const task = MARK.split("/").at(-1);
  appendFileSync(path.join(folder, LINES), `${JSON.stringify({ run, task, call, ...line })}\n`);
}

/** In the environment of all that runs in this worker's container, and of nothing else. */
const MARK = process.env.ECS_CONTAINER_METADATA_URI_V4 ?? "";

/** The other processes of this container, by their ids; a zombie is none. */
function otherProcesses(): string[] {
  const others = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return others
    .filter((pid) => pid !== process.pid && isMarked(pid))
    .map((pid) => `process ${pid}`);
}

function isMarked(pid: number): boolean {
  try {
    // A zombie has no environment any more.
    return readFileSync(`/proc/${pid}/environ`, "utf8")
      .split("\0")
      .some((each) => each.endsWith(MARK));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return false;
    throw cause;
  }
}

/**
 * What lies in the worker's folder beside this job's own, and in the job's own beside its checkout; leaves a
 * file in each of them.
 */
async function litter(
  { project }: Input,
  { computer }: ToolContext,
  run: string,
): Promise<string[]> {
  if (project === undefined || computer === undefined) return [];
  const { folder } = await computer.checkout(project);
  const own = path.resolve(folder, "../..");
  const workers = path.dirname(own);
  const others = readdirSync(workers).filter((name) => name !== path.basename(own));
  const rooms = readdirSync(own).map((name) => path.join(own, name));
  const foreign = rooms.flatMap((room) =>
    readdirSync(room).filter((name) => path.join(room, name) !== folder),
  );
  for (const one of [workers, ...rooms]) writeFileSync(path.join(one, `left-by-${run}`), "");
  return [...others, ...foreign].map((name) => `file ${name}`);
}

/** Field 22 of proc(5)'s stat: a later process with the same id has another one. */
function describeProcess(pid: number): { pid: number; startedAt: string } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return { pid, startedAt: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "" };
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export const stepsTool = defineTool({
  name: "steps",
  title: "Steps",
  description: "Does numbered steps on a worker.",
  input: INPUT,
  annotations: { readOnlyHint: true },
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: HOUR },
  // A project is pushed once, before its call.
  basis: async () => "the arguments alone",
  load: () => Promise.resolve(run),
});
