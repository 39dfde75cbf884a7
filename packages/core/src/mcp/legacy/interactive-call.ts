import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { findOwnJob } from "../../burst/own-job.ts";
import { RefusedError } from "../../lib/error.ts";
import { type InputRequest, kindOf } from "../../tool/input-request.ts";
import { toolFailure } from "../error-to-wire.ts";
import type { Asked, Exchange } from "../exchange.ts";
import { toJobAnswer } from "../job-answer.ts";
import { toRoundState } from "../round-state.ts";
import { callTool, type ToolCalling } from "../tool-call.ts";

/** Times a call may ask in one process before it is given up: a client may answer without reading. */
const ROUNDS = 32;

type SessionCalling = ToolCalling & Required<Pick<Exchange, "ask">>;
type Answer = CallToolResult | InputRequiredResult;

/**
 * A tools/call in a session. The rounds of questions that a client of 2026-07-28 would answer by
 * calling again become requests to the client, and the call is made again with the answers, here or,
 * when a person takes long, in the process that gets them (parked-call.ts).
 */
export async function callToolInSession(
  calling: SessionCalling,
  params: CallToolRequest["params"],
): Promise<Answer> {
  const { goesOn } = calling.exchange;
  let { ctx } = calling;
  if (goesOn) ctx = withRound(ctx, { requestState: () => goesOn });
  for (let round = 0; round < ROUNDS; round++) {
    const answer = await callTool({ ...calling, ctx }, params);
    const asked =
      isInputRequiredResult(answer) && (await readQuestions({ ...calling, ctx }, answer));
    if (!asked) return answer;
    const refused = findUnsupported(asked, calling);
    if (refused !== undefined) return toolFailure(refused);
    try {
      const inputResponses = await calling.ask(ctx.mcpReq.id, asked);
      const state = await verify({ ...calling, ctx }, asked);
      ctx = withRound(ctx, { inputResponses, requestState: () => state });
    } catch (error) {
      if (error instanceof RefusedError) return giveUp(calling, asked, error);
      throw error;
    }
  }
  return toolFailure(`The tool asked more than ${ROUNDS} times and was given up.`);
}

/** The same request with what another round of it would bring. */
function withRound(ctx: ServerContext, brought: object): ServerContext {
  const mcpReq = { ...ctx.mcpReq, ...brought };
  return { ...ctx, mcpReq: mcpReq as unknown as ServerContext["mcpReq"] };
}

/** Undefined: it asks nothing. A tool that only gave state is called again by the SDK, after a pause. */
async function readQuestions(
  { served, exchange, ctx }: SessionCalling,
  answer: InputRequiredResult,
): Promise<Asked | undefined> {
  const questions = (answer.inputRequests ?? {}) as Asked["questions"];
  if (Object.keys(questions).length === 0) return undefined;
  const { requestState } = answer;
  const states = served.requestStates?.of(exchange);
  const state = requestState !== undefined && (await states?.read(requestState, ctx));
  return { questions, requestState, task: toRoundState(state).task };
}

async function verify(
  { served, exchange, ctx }: SessionCalling,
  { requestState }: Asked,
): Promise<unknown> {
  if (requestState === undefined || !served.requestStates) return requestState;
  return served.requestStates.of(exchange).verify(requestState, ctx);
}

/** Nobody answered. A job goes on all the same, unless it was the client that took its request back. */
async function giveUp(
  calling: SessionCalling,
  { task }: Asked,
  { message }: RefusedError,
): Promise<CallToolResult> {
  const { served, exchange, ctx } = calling;
  const { calls } = served.ports;
  const job = task === undefined ? undefined : await findOwnJob(calls, exchange.principal, task);
  if (!job) return toolFailure(message);
  if (!ctx.mcpReq.signal.aborted) return toJobAnswer(job);
  return toJobAnswer((await calls.cancel(job.principal.tenant, job.id)) ?? job);
}

/** Why the client can't be asked this; undefined: it can. */
function findUnsupported({ questions }: Asked, { declared }: SessionCalling): string | undefined {
  for (const question of Object.values(questions)) {
    const kind = kindOf(question as InputRequest);
    if (kind === undefined) {
      throw new TypeError(`A tool asked ${question.method}, which clients do not answer.`);
    }
    if (!declared.includes(kind)) {
      return `The tool needs to ask ${question.method}, and the client did not declare that it takes it.`;
    }
  }
  return undefined;
}
