import type { CallToolResult, InputRequiredResult } from "@modelcontextprotocol/server";
import * as z from "zod";
import { isTerminal, type Job } from "../burst/job.ts";
import { TASK_TOOL } from "../burst/keep-result.ts";
import { findOwnJob } from "../burst/own-job.ts";
import { readPage } from "../burst/read-result.ts";
import { RefusedError } from "../lib/error.ts";
import { INLINE_TEXT_BYTES } from "../tool/cut-text.ts";
import { awaitJob, takeAnswers } from "./await-job.ts";
import type { Serving } from "./exchange.ts";
import { toJobAnswer } from "./job-answer.ts";
import { type AnyNativeTool, defineNativeTool, type NativeContext } from "./native-tool.ts";
import { type RoundState, readRound } from "./round-state.ts";
import { describeJob, describeJobs, describePage } from "./task-texts.ts";

/** Tasks that are listed unless more are asked for, and at most. */
const LISTED = { usual: 20, most: 100 };

const INPUT = z.object({
  action: z
    .enum(["list", "status", "wait", "result", "cancel"])
    .describe(
      "list: your tasks of the last day, newest first. status: how far one is. wait: follow it until it ends or this answer must end. result: its result if it has ended; with offset, a page of a long one. cancel: stop it.",
    ),
  task_id: z
    .string()
    .optional()
    .describe(
      "The task's id, as an earlier answer or list named it: task_…; needed for all but list.",
    ),
  offset: z
    .int()
    .min(0)
    .optional()
    .describe("Of result: the character of the result's text to begin at, counted from 0."),
  limit: z
    .int()
    .min(1)
    .max(INLINE_TEXT_BYTES)
    .optional()
    .describe(
      `Of result: characters of a page at most (${INLINE_TEXT_BYTES}). Of list: tasks at most (${LISTED.usual}).`,
    ),
});

type Input = z.infer<typeof INPUT>;
type Answer = CallToolResult | InputRequiredResult;

/**
 * Gives every client, with the tasks extension or without, the rest of a call that outlived its
 * answer. `served` is asked when the tool runs: the catalogue it holds contains this tool.
 */
export function createTaskTool(served: () => Serving): AnyNativeTool {
  return defineNativeTool({
    name: TASK_TOOL,
    title: "Task",
    description:
      "Looks after tool calls that take longer, or give more, than one answer may: lists them, asks how far one is, waits for its result, fetches the result whole or page by page, or cancels it. Use it with the task id that the call's answer named.",
    input: INPUT,
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    scope: "read",
    run: (input, context) => act(served(), input, context),
  });
}

async function act(served: Serving, input: Input, context: NativeContext): Promise<Answer> {
  const { calls, clock } = served.ports;
  const { action, task_id: taskId } = input;
  if (action === "list") {
    const limit = Math.min(input.limit ?? LISTED.usual, LISTED.most);
    return describeJobs(await calls.list(context.principal, limit), clock.now());
  }
  if (taskId === undefined) {
    const message = `${action} needs task_id; the action list names your tasks.`;
    throw new RefusedError("invalid_input", message);
  }
  const job = await findOwnJob(calls, context.principal, taskId);
  if (!job) {
    const message = `There is no task ${taskId.slice(0, 80)}; tasks are kept a day. The action list names yours.`;
    throw new RefusedError("not_found", message);
  }
  switch (action) {
    case "status":
      return describeJob(job, clock.now());
    case "result":
      return giveResult(served, job, input);
    case "cancel": {
      const after = (await calls.cancel(job.principal.tenant, job.id)) ?? job;
      return describeJob(after, clock.now());
    }
    case "wait":
      return wait(served, job, context);
  }
}

async function wait(served: Serving, job: Job, context: NativeContext): Promise<Answer> {
  const goesOn = readRound(context.mcp).task === job.id;
  // Who goes on with a wait has been told a part, and is told the rest.
  if (isTerminal(job.state) && !goesOn) return toJobAnswer(job);
  context.openStream();
  const { mcp: ctx, reports, deadline, declared, requestState } = context;
  const follows = (state: RoundState) => context.follows(state);
  const current = goesOn ? await takeAnswers(served, job, ctx) : job;
  const waiting = { ctx, reports, deadline, declared, requestState, follows };
  return awaitJob(served, current, waiting);
}

/** As the call itself would have answered, or a page of its text. */
async function giveResult(
  { ports: { calls } }: Serving,
  job: Job,
  { offset, limit }: Input,
): Promise<CallToolResult> {
  const isPaged = offset !== undefined || limit !== undefined;
  if (!isPaged || job.outcome?.kind !== "result") return toJobAnswer(job);
  const asked = { offset: offset ?? 0, limit: limit ?? INLINE_TEXT_BYTES };
  const page = await readPage(job.outcome, asked, (part) => calls.readPart(job, part));
  return describePage(job, page);
}
