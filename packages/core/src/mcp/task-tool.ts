import type { CallToolResult, InputRequiredResult } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Principal } from "../access/principal.ts";
import type { CallService } from "../burst/call-service.ts";
import { isTerminal, type Job } from "../burst/job.ts";
import { RefusedError } from "../lib/error.ts";
import { isId } from "../lib/id.ts";
import { text } from "../tool/tool-result.ts";
import { awaitJob, takeAnswers } from "./await-job.ts";
import type { Serving } from "./exchange.ts";
import { TASK_TOOL, toJobAnswer } from "./job-answer.ts";
import { type AnyNativeTool, defineNativeTool, type NativeContext } from "./native-tool.ts";
import { toCallToolResult } from "./result-to-wire.ts";
import { readRound } from "./round-state.ts";
import { toTask } from "./task-wire.ts";

const INPUT = z.object({
  action: z
    .enum(["status", "wait", "result", "cancel"])
    .describe(
      "status: how far it is. wait: follow it until it ends or this answer must end. result: its result if it has ended. cancel: stop it.",
    ),
  task_id: z.string().describe("The task's id, as an earlier answer named it: task_…"),
});

/**
 * Gives every client, with the tasks extension or without, the rest of a call that outlived its
 * answer. `served` is asked when the tool runs: the catalogue it holds contains this tool.
 */
export function createTaskTool(served: () => Serving): AnyNativeTool {
  return defineNativeTool({
    name: TASK_TOOL,
    title: "Task",
    description:
      "Looks after a tool call that takes longer than one answer may: asks how far it is, waits for its result, fetches the result, or cancels it. Use it with the task id that the call's answer named.",
    input: INPUT,
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    scope: "read",
    run: ({ action, task_id }, context) => act(served(), action, task_id, context),
  });
}

async function act(
  served: Serving,
  action: z.infer<typeof INPUT>["action"],
  taskId: string,
  context: NativeContext,
): Promise<CallToolResult | InputRequiredResult> {
  const { calls, clock } = served.ports;
  const job = await findJob(calls, context.principal, taskId);
  if (!job)
    throw new RefusedError("not_found", `There is no task ${taskId}; tasks are kept a day.`);
  switch (action) {
    case "status":
      return describe(job, clock.now());
    case "result":
      return toJobAnswer(job);
    case "cancel": {
      const after = (await calls.cancel(job.principal.tenant, job.id)) ?? job;
      return describe(after, clock.now());
    }
    case "wait": {
      if (isTerminal(job.state)) return toJobAnswer(job);
      context.openStream();
      const { mcp: ctx, reports, deadline, declared, requestState } = context;
      const answers = readRound(served, ctx).task === job.id;
      const current = answers ? await takeAnswers(served, job, ctx) : job;
      return awaitJob(served, current, { ctx, reports, deadline, declared, requestState });
    }
  }
}

/** The caller's own job; unknown, expired, somebody else's and another job's child are all the same. */
export async function findJob(
  calls: CallService,
  principal: Principal,
  taskId: string,
): Promise<Job | undefined> {
  if (!isId("task", taskId)) return undefined;
  const job = await calls.job(principal.tenant, taskId);
  const mine =
    job?.principal.subject === principal.subject && job.principal.tenant === principal.tenant;
  return mine && !job.parent ? job : undefined;
}

function describe(job: Job, now: number): CallToolResult {
  const seconds = Math.round((job.updatedAt - job.createdAt) / 1000);
  const message = job.statusMessage === undefined ? "" : ` ${job.statusMessage}`;
  const asked = job.cancelRequested && !isTerminal(job.state) ? " It was asked to stop." : "";
  const summary = `${job.tool}, task ${job.id}: ${job.state}, ${seconds} s after its start.${message}${asked}`;
  return { ...toCallToolResult(text(summary)), structuredContent: { ...toTask(job, now) } };
}
