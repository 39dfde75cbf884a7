import { type CallToolResult, ProtocolError } from "@modelcontextprotocol/server";
import { isTerminal, type Job } from "../burst/job.ts";
import { TASK_TOOL } from "../burst/keep-result.ts";
import { text } from "../tool/tool-result.ts";
import { toJobError, toolFailure } from "./error-to-wire.ts";
import { toCallToolResult } from "./result-to-wire.ts";

/**
 * What a client without the tasks extension gets for a job: its result, its failure, or a note that
 * names the task. The note is no error: the work goes on.
 * @throws ProtocolError when the platform failed the job.
 */
export function toJobAnswer(job: Job): CallToolResult {
  const { outcome } = job;
  if (!isTerminal(job.state)) return toCallToolResult(text(stillRunning(job)));
  if (outcome?.kind === "result") return toCallToolResult(outcome.result);
  if (job.state === "cancelled") return toolFailure(`Task ${job.id} was cancelled.`);
  if (outcome?.kind === "error") {
    const { code, message } = toJobError(outcome);
    throw new ProtocolError(code, message);
  }
  return toolFailure(`Task ${job.id} ended without a result.`);
}

function stillRunning(job: Job): string {
  const ask = JSON.stringify({ action: "wait", task_id: job.id });
  return `${job.tool} is still running as task ${job.id}; nothing is lost. Call the tool ${TASK_TOOL} with ${ask} to wait for its result.`;
}
