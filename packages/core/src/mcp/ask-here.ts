import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { HereCaller, PlacedCall, Reporter } from "../burst/call-service.ts";
import type { Job, JobInput } from "../burst/job.ts";
import type { Clock } from "../lib/clock.ts";
import type { Json } from "../lib/json.ts";
import { checkDeclared, mistakeIn, toAnswer } from "../tool/input-answer.ts";
import type { InputAnswer, InputKind, InputRequest } from "../tool/input-request.ts";
import type { Waiting } from "./await-job.ts";
import type { Serving } from "./exchange.ts";
import { toWire } from "./input-requests.ts";
import { toCallToolResult } from "./result-to-wire.ts";
import { type RoundState, readRound } from "./round-state.ts";

/** A call that runs here, as its retries know it again (`toCallKey`). */
export interface HereCall {
  readonly placed: Extract<PlacedCall, { kind: "here" }>;
  readonly callKey: string;
}

/** Its answer, or the job it goes on as: it outgrew this process. */
export type EndHere =
  | { readonly answer: CallToolResult | InputRequiredResult }
  | { readonly moved: Job };

/**
 * Runs a call in this process until it has ended or waits for its client. The answer is then the
 * questions, and the retry runs the tool again, which gets the same answers to the same questions, in
 * their order. In a session the retry is ours (legacy/interactive-call.ts).
 */
export async function runHere(
  served: Serving,
  { placed, callKey }: HereCall,
  { ctx, reports, declared, requestState }: Waiting,
): Promise<EndHere> {
  const known = knownAnswers(callKey, ctx);
  const round = new Round(known, requestState ? declared : [], served.ports.clock);
  const { progress, log } = reports;
  const signal = AbortSignal.any([ctx.mcpReq.signal, round.signal]);
  const ran = placed.run(round.toCaller({ progress, log }), signal);
  const ended = await Promise.race([ran, round.suspended]);
  if (ended?.kind === "result") return { answer: toCallToolResult(ended.result) };
  if (ended?.kind === "moved") return { moved: ended.job };
  round.stop();
  // The tool was stopped at its question; how it takes that is no part of the answer.
  await ran.catch(served.report);
  const state: RoundState = { call: callKey, answers: round.answers, ...reports.told };
  const inputRequests = Object.fromEntries(
    [...round.open].map(([key, request]) => [key, toWire(request)]),
  );
  const minted = requestState && (await requestState.mint(state, ctx));
  return {
    answer: inputRequired({
      inputRequests,
      ...(minted !== undefined && { requestState: minted }),
    }),
  };
}

/** Answers of earlier rounds, and of this one; another call's are not taken. */
function knownAnswers(callKey: string, ctx: ServerContext): Readonly<Record<string, Json>> {
  const { call, answers } = readRound(ctx);
  if (call !== callKey) return {};
  return { ...(ctx.mcpReq.inputResponses as Record<string, Json>), ...answers };
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
  readonly #answered: JobInput[] = [];
  #asked = 0;

  constructor(known: Readonly<Record<string, Json>>, declared: readonly InputKind[], clock: Clock) {
    this.#known = known;
    this.#declared = declared;
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Resolves when the tool waits for something that only the retry can bring. */
  get suspended(): Promise<undefined> {
    return this.#suspended.promise;
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** The same round, as the run sees it. */
  toCaller({ progress, log }: Reporter): HereCaller {
    const isWaiting = () => this.open.size > 0;
    return {
      progress,
      log,
      ask: this.ask,
      answered: this.#answered,
      get isWaiting() {
        return isWaiting();
      },
    };
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
      this.#answered.push({ key, request, answer });
      return toAnswer(request, answer);
    }
    this.open.set(key, request);
    // What is asked in the same turn goes out together.
    await this.#clock.sleep(0);
    this.#suspended.resolve(undefined);
    return new Promise<never>(() => undefined);
  };
}
