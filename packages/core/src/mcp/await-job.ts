import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { type Job, type JobInput, outstanding } from "../burst/job.ts";
import { mistakeIn } from "../tool/input-answer.ts";
import { type InputKind, kindOf } from "../tool/input-request.ts";
import type { Serving } from "./exchange.ts";
import { followJob } from "./follow-job.ts";
import { toInputRequests } from "./input-requests.ts";
import { toJobAnswer } from "./job-answer.ts";
import type { Reports } from "./reports.ts";
import type { RequestState } from "./request-state.ts";
import { type RoundState, readRound } from "./round-state.ts";

/** One request that waits for a tool: how its client is told and asked. */
export interface Waiting {
  readonly ctx: ServerContext;
  readonly reports: Reports;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** What the client can be asked for. */
  readonly declared: readonly InputKind[];
  /** Absent: nothing can be asked. */
  readonly requestState: Pick<RequestState, "mint" | "mintForJob"> | undefined;
  /** Told before the job is followed: from here another process could go on. */
  readonly follows: (state: RoundState) => void;
}

/**
 * Follows a job for a client without the tasks extension. What the job asks meanwhile ends this answer:
 * the retry brings the answers and goes on following. In a session the retry is ours
 * (legacy/interactive-call.ts).
 */
export async function awaitJob(
  served: Serving,
  job: Job,
  { ctx, reports, deadline, declared, requestState, follows }: Waiting,
): Promise<CallToolResult | InputRequiredResult> {
  const { signal } = ctx.mcpReq;
  const askable = (asking: Job) =>
    requestState ? outstanding(asking).filter((input) => isDeclared(input, declared)) : [];
  const round = readRound(ctx);
  const { after = 0, begun = served.ports.clock.now() } = round.task === job.id ? round : {};
  // In the turn that opened the stream: what is said together is stored together.
  follows({ task: job.id, after, begun, ...reports.told });
  const { job: now, last } = await followJob(served, job, {
    reports,
    signal,
    deadline,
    begun,
    after,
    stopsAt: (asking) => askable(asking).length > 0,
  });
  const asked = askable(now);
  if (!requestState || asked.length === 0) return toJobAnswer(now);
  const state: RoundState = { task: job.id, after: last, ...reports.told };
  return inputRequired({
    inputRequests: toInputRequests(asked),
    requestState: await requestState.mintForJob(state, ctx),
  });
}

function isDeclared({ request }: JobInput, declared: readonly InputKind[]): boolean {
  return declared.includes(kindOf(request));
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
