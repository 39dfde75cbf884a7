import { isTerminal, type Job, outstanding } from "../burst/job.ts";
import { MINUTE, SECOND } from "../lib/duration.ts";
import { toJobError } from "./error-to-wire.ts";
import { toInputRequests } from "./input-requests.ts";
import { toCallToolResult } from "./result-to-wire.ts";

/** The tasks extension's `Task` (ext-tasks, specification/draft/tasks.md). Times in ISO 8601, durations in milliseconds. */
export interface Task {
  readonly taskId: string;
  readonly status: "working" | "input_required" | "completed" | "failed" | "cancelled";
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttlMs: number;
  readonly pollIntervalMs?: number;
}

/** A job as its client sees it. */
export function toTask(job: Job, now: number): Task {
  const message = job.statusMessage;
  return {
    taskId: job.id,
    status: toStatus(job),
    ...(message !== undefined && { statusMessage: message }),
    createdAt: new Date(job.createdAt).toISOString(),
    lastUpdatedAt: new Date(job.updatedAt).toISOString(),
    ttlMs: job.expiresAt - job.createdAt,
    ...(!isTerminal(job.state) && { pollIntervalMs: pollInterval(now - job.createdAt) }),
  };
}

function toStatus({ state }: Job): Task["status"] {
  return isTerminal(state) || state === "input_required" ? state : "working";
}

/** The longer a job has run the longer it is likely to go on, so the more seldom asking is worth its price. */
function pollInterval(ageMs: number): number {
  if (ageMs < 10 * SECOND) return SECOND;
  return ageMs < 2 * MINUTE ? 2 * SECOND : 5 * SECOND;
}

/** CreateTaskResult: flat, and nothing but the task. */
export function toHandle(job: Job, now: number): Task & { readonly resultType: "task" } {
  return { resultType: "task", ...toTask(job, now) };
}

/** What tasks/get answers: the task with what it asks now, its result, or its error. */
export function toDetailedTask(job: Job, now: number): Record<string, unknown> {
  const task = toTask(job, now);
  if (task.status === "input_required") {
    return { ...task, inputRequests: toInputRequests(outstanding(job)) };
  }
  if (task.status === "completed" && job.outcome?.kind === "result") {
    return { ...task, result: { resultType: "complete", ...toCallToolResult(job.outcome.result) } };
  }
  if (task.status === "failed") {
    const error = toTaskError(job);
    return { statusMessage: error.message, ...task, error };
  }
  return { ...task };
}

function toTaskError({ outcome, statusMessage = "The task failed." }: Job): TaskError {
  if (outcome?.kind === "error") return toJobError(outcome);
  return toJobError({ kind: "error", code: "failed", message: statusMessage });
}

type TaskError = ReturnType<typeof toJobError>;
