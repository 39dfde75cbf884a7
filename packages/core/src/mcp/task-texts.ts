import type { CallToolResult } from "@modelcontextprotocol/server";
import { isTerminal, type Job } from "../burst/job.ts";
import { TASK_TOOL } from "../burst/keep-result.ts";
import type { ResultPage } from "../burst/read-result.ts";
import { SECOND } from "../lib/duration.ts";
import { text } from "../tool/tool-result.ts";
import { toCallToolResult } from "./result-to-wire.ts";
import { toTask } from "./task-wire.ts";

/** How far a task is, and what can be done with it. */
export function describeJob(job: Job, now: number): CallToolResult {
  const summary = `${summarize(job)} ${adviceFor(job)}`;
  return { ...toCallToolResult(text(summary)), structuredContent: { ...toTask(job, now) } };
}

/** A line each. */
export function describeJobs(jobs: readonly Job[], now: number): CallToolResult {
  const lines = jobs.map((job) => {
    const startedAgo = Math.round((now - job.createdAt) / SECOND);
    return `${summarize(job)} Started ${startedAgo} s ago.`;
  });
  const advice = `Call ${TASK_TOOL} with the action wait, result or cancel and a task's id to go on.`;
  const summary = lines.length === 0 ? "You have no tasks." : [...lines, advice].join("\n");
  const tasks = jobs.map((job) => ({ ...toTask(job, now), tool: job.tool }));
  return { ...toCallToolResult(text(summary)), structuredContent: { tasks } };
}

/** The page as it is, and beside it where it lies and what comes next. */
export function describePage({ id }: Job, page: ResultPage): CallToolResult {
  const { text: piece, from, to, total } = page;
  const where = `Characters ${from} to ${to} of ${total} of the result of ${id}.`;
  const next = JSON.stringify({ action: "result", task_id: id, offset: to });
  const note = to < total ? `${where} Go on with ${next}.` : `${where} This is its end.`;
  return {
    content: [
      { type: "text", text: piece },
      { type: "text", text: note },
    ],
    structuredContent: { from, to, total },
  };
}

function summarize(job: Job): string {
  const seconds = Math.round((job.updatedAt - job.createdAt) / SECOND);
  const message = job.statusMessage === undefined ? "" : ` ${job.statusMessage}`;
  return `${job.tool}, task ${job.id}: ${job.state}, ${seconds} s after its start.${message}`;
}

function adviceFor(job: Job): string {
  if (job.state === "completed") return "Its result is there: use the action result.";
  if (job.state === "failed") return "The action result tells why.";
  if (isTerminal(job.state)) return "It has no result.";
  if (job.cancelRequested) return "It was asked to stop, and does within seconds.";
  return "Use the action wait for its result, or cancel to stop it.";
}
