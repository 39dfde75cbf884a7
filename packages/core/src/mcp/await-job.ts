import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { type Job, type JobInput, outstanding } from "../burst/job.ts";
import { mistakeIn } from "../tool/input-answer.ts";
import { type InputKind, kindOf } from "../tool/input-request.ts";
import { toInputRequests } from "./ask-client.ts";
import type { Serving } from "./exchange.ts";
import { followJob } from "./follow-job.ts";
import { InputBridge } from "./input-bridge.ts";
import { toJobAnswer } from "./job-answer.ts";
import type { Era } from "./ports.ts";
import type { Reports } from "./reports.ts";

/** One request that waits for a job: how its client is told and asked. */
export interface Waiting {
  readonly era: Era;
  readonly ctx: ServerContext;
  readonly reports: Reports;
  readonly deadline: number;
  /** What the client can be asked for. */
  readonly declared: readonly InputKind[];
}

/** What comes back with the answers, signed: the task they are for. */
interface TaskState {
  readonly task: string;
}

/**
 * Follows a job for a client without the tasks extension. What the job asks meanwhile goes to a client
 * of a session as a request, and to one of revision 2026-07-28 as the end of this answer: its retry
 * brings the answers and goes on following.
 */
export async function awaitJob(
  served: Serving,
  job: Job,
  waiting: Waiting,
): Promise<CallToolResult | InputRequiredResult> {
  return waiting.era === "legacy"
    ? awaitBridged(served, job, waiting)
    : awaitRound(served, job, waiting);
}

async function awaitBridged(served: Serving, job: Job, waiting: Waiting): Promise<CallToolResult> {
  const { calls, clock } = served.ports;
  const { ctx, reports, deadline, declared } = waiting;
  const bridge = new InputBridge({ calls, clock, ctx, declared, deadline, report: served.report });
  const onInputs = (asking: Job) => {
    bridge.ask(asking);
    return false;
  };
  try {
    const { signal } = ctx.mcpReq;
    return toJobAnswer(await followJob(served, job, { reports, signal, deadline, onInputs }));
  } finally {
    await bridge.close();
  }
}

async function awaitRound(
  served: Serving,
  job: Job,
  { ctx, reports, deadline, declared }: Waiting,
): Promise<CallToolResult | InputRequiredResult> {
  const { requestState } = served;
  const { signal } = ctx.mcpReq;
  const askable = (asking: Job) =>
    requestState ? outstanding(asking).filter((input) => isDeclared(input, declared)) : [];
  const onInputs = (asking: Job) => askable(asking).length > 0;
  const after = await followJob(served, job, { reports, signal, deadline, onInputs });
  const asked = askable(after);
  if (!requestState || asked.length === 0) return toJobAnswer(after);
  const state: TaskState = { task: job.id };
  return inputRequired({
    inputRequests: toInputRequests(asked),
    requestState: await requestState.mint(state, ctx),
  });
}

function isDeclared({ request }: JobInput, declared: readonly InputKind[]): boolean {
  return declared.includes(kindOf(request));
}

/** The task that a retry's signed state names. */
export function namedTask(served: Serving, ctx: ServerContext): string | undefined {
  const state = served.requestState && ctx.mcpReq.requestState<Partial<TaskState>>();
  return typeof state?.task === "string" ? state.task : undefined;
}

/** Brings a retry's answers to its job; those of a wrong shape are left out, and asked for again. */
export async function takeAnswers(served: Serving, job: Job, ctx: ServerContext): Promise<Job> {
  const responses = ctx.mcpReq.inputResponses ?? {};
  const fitting = outstanding(job).filter(({ key, request }) => {
    const answer = responses[key];
    return answer !== undefined && mistakeIn(request, answer as never) === undefined;
  });
  if (fitting.length === 0) return job;
  const answers = Object.fromEntries(fitting.map(({ key }) => [key, responses[key] as never]));
  return (await served.ports.calls.answer(job.principal.tenant, job.id, answers)) ?? job;
}
