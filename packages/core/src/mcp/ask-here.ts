import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Caller, PlacedCall } from "../burst/call-service.ts";
import type { Clock } from "../lib/clock.ts";
import { RefusedError } from "../lib/error.ts";
import type { Json } from "../lib/json.ts";
import { checkDeclared, mistakeIn, toAnswer } from "../tool/input-answer.ts";
import type { InputAnswer, InputKind, InputRequest } from "../tool/input-request.ts";
import { askClient, toWire } from "./ask-client.ts";
import type { Waiting } from "./await-job.ts";
import type { Serving } from "./exchange.ts";
import { toCallToolResult } from "./result-to-wire.ts";

type Here = Extract<PlacedCall, { kind: "here" }>;

/** A call that runs here, as its retries know it again (`toCallKey`). */
export interface HereCall {
  readonly placed: Here;
  readonly callKey: string;
}

/** What a retry brings back, signed: the answers of earlier rounds, and the call they belong to. */
interface HereState {
  readonly call: string;
  readonly answers: Readonly<Record<string, Json>>;
}

/**
 * Runs a call in this process. A client of a session is asked over the call's stream, while the tool
 * waits. Revision 2026-07-28 has no such requests: the call ends with the questions, and its retry runs
 * the tool again, which gets the same answers to the same questions, in their order.
 */
export function runHere(
  served: Serving,
  call: HereCall,
  waiting: Waiting,
): Promise<CallToolResult | InputRequiredResult> {
  return waiting.era === "legacy"
    ? runAsking(served, call.placed, waiting)
    : runAgain(served, call, waiting);
}

async function runAsking(
  { ports: { clock } }: Serving,
  placed: Here,
  { ctx, reports, declared, deadline }: Waiting,
): Promise<CallToolResult> {
  const { signal } = ctx.mcpReq;
  const ask: Caller["ask"] = async (request) => {
    checkDeclared(request, declared);
    const timeout = Math.max(1, deadline - clock.now());
    const answer = await askClient(ctx, request, {
      relatedRequestId: ctx.mcpReq.id,
      signal,
      timeout,
    });
    const mistake = mistakeIn(request, answer);
    if (mistake === undefined) return toAnswer(request, answer);
    throw new RefusedError("declined", `The client's answer can't be used: ${mistake}`);
  };
  const { progress, log } = reports;
  return toCallToolResult(await placed.run({ progress, log, ask }, signal));
}

async function runAgain(
  served: Serving,
  { placed, callKey }: HereCall,
  { ctx, reports, declared }: Waiting,
): Promise<CallToolResult | InputRequiredResult> {
  const { requestState, ports } = served;
  const known = knownAnswers(served, callKey, ctx);
  const round = new Round(known, requestState ? declared : [], ports.clock);
  const { progress, log } = reports;
  const signal = AbortSignal.any([ctx.mcpReq.signal, round.signal]);
  const ran = placed.run({ progress, log, ask: round.ask }, signal);
  const ended = await Promise.race([ran, round.suspended]);
  if (ended) return toCallToolResult(ended);
  round.stop();
  // The tool was stopped at its question; how it takes that is no part of the answer.
  await ran.catch(served.report);
  const state: HereState = { call: callKey, answers: round.answers };
  return inputRequired({
    inputRequests: Object.fromEntries(
      [...round.open].map(([key, request]) => [key, toWire(request)]),
    ),
    ...(requestState && { requestState: await requestState.mint(state, ctx) }),
  });
}

/** Answers of earlier rounds, and of this one; another call's are not taken. */
function knownAnswers(
  served: Serving,
  callKey: string,
  ctx: ServerContext,
): Readonly<Record<string, Json>> {
  const state = served.requestState && ctx.mcpReq.requestState<Partial<HereState>>();
  if (state?.call !== callKey) return {};
  return { ...(ctx.mcpReq.inputResponses as Record<string, Json>), ...state.answers };
}

/** One run of a tool between two rounds of questions. */
class Round {
  /** By key: what was asked and is known. */
  readonly answers: Record<string, Json> = {};
  /** By key: what has to be asked now. */
  readonly open = new Map<string, InputRequest>();
  readonly #known: Readonly<Record<string, Json>>;
  readonly #declared: readonly InputKind[];
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  readonly #suspended = Promise.withResolvers<undefined>();
  #asked = 0;

  constructor(known: Readonly<Record<string, Json>>, declared: readonly InputKind[], clock: Clock) {
    this.#known = known;
    this.#declared = declared;
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Resolves when the tool waits for something that only the client's retry can bring. */
  get suspended(): Promise<undefined> {
    return this.#suspended.promise;
  }

  stop(): void {
    this.#stopped.abort();
  }

  readonly ask = async <Request extends InputRequest>(
    request: Request,
  ): Promise<InputAnswer<Request>> => {
    checkDeclared(request, this.#declared);
    this.#asked += 1;
    const key = `ask-${this.#asked}`;
    const answer = Object.hasOwn(this.#known, key) ? this.#known[key] : undefined;
    if (answer !== undefined && mistakeIn(request, answer) === undefined) {
      this.answers[key] = answer;
      return toAnswer(request, answer);
    }
    this.open.set(key, request);
    // What is asked in the same turn goes out together.
    await this.#clock.sleep(0);
    this.#suspended.resolve(undefined);
    return new Promise<never>(() => undefined);
  };
}
