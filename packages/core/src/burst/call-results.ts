import { RefusedError } from "../lib/error.ts";
import { newId } from "../lib/id.ts";
import type { Json } from "../lib/json.ts";
import type { ToolResult } from "../tool/tool-result.ts";
import type { ToolCall } from "./call-service.ts";
import type { Job } from "./job.ts";
import type { JobStore } from "./job-store.ts";
import { keepResult } from "./keep-result.ts";
import type { ResultStore } from "./result-store.ts";

/** Reads a part of a job's result. @throws RefusedError `not_found`, `expired`. */
export async function readPart(store: ResultStore, job: Job, part: number): Promise<string> {
  const stored = job.outcome?.kind === "result" ? job.outcome.stored : undefined;
  if (!stored?.[part]) throw new RefusedError("not_found", `${job.id} has no part ${part}.`);
  // What a worker stored before it lost its lease has another fence, and is nobody's.
  const { id, fence, principal } = job;
  const text = await store.get(principal.tenant, { id, fence, part });
  if (text !== undefined) return text;
  throw new RefusedError(
    "expired",
    `The result of ${job.id} is no longer kept. Call the tool again.`,
  );
}

/** Where the result of a call that ran here goes when it is too large for its answer. */
export interface KeptCalls {
  readonly jobs: Pick<JobStore, "keep">;
  readonly results: ResultStore;
}

/**
 * The result of a call that ran here, as it goes into its answer. When it does not fit, it is kept as a
 * task that has ended, so that there is one way to ask for the rest.
 */
export async function answerHere(
  { jobs, results }: KeptCalls,
  { tool, principal, sent }: ToolCall,
  result: ToolResult,
  times: { readonly now: number; readonly ttlMs: number },
): Promise<ToolResult> {
  const { now, ttlMs } = times;
  const job: Job = {
    id: newId("task"),
    principal,
    tool: tool.name,
    input: (sent ?? {}) as Json,
    callKey: "",
    state: "completed",
    fence: 0,
    attempts: 0,
    leaseUntil: 0,
    cancelRequested: false,
    asks: [],
    inputs: [],
    createdAt: now,
    updatedAt: now,
    expiresAt: now + ttlMs,
  };
  const promised = tool.output !== undefined && tool.placement.kind === "lambda";
  const outcome = await keepResult(results, job, result, promised);
  if (outcome.stored) await jobs.keep({ ...job, outcome });
  return outcome.result;
}
