import {
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { SECOND } from "../../lib/duration.ts";
import { RefusedError } from "../../lib/error.ts";
import { tail } from "../../log/tail.ts";
import type { Session } from "../../session/session-store.ts";
import { toLegacyAnswer } from "../error-to-wire.ts";
import {
  type Asked,
  type ClientAnswers,
  type Exchange,
  type Served,
  targetOf,
  toDeadline,
} from "../exchange.ts";
import { toAuthInfo } from "../modern.ts";
import type { McpCall } from "../ports.ts";
import type { RoundState } from "../round-state.ts";
import { createServer } from "../server.ts";
import { hydrate } from "./hydrate.ts";
import { withoutAnswers } from "./messages.ts";
import { hasLinks, withoutLinks } from "./older-content.ts";
import type { Outlet } from "./outlet.ts";
import { type ParkedCall, ParkedCalls, toAnswer } from "./parked-call.ts";
import { ServerRequests } from "./server-requests.ts";
import type { SessionStreams } from "./stream-names.ts";
import { ExchangeTransport, isAnswer } from "./transport.ts";

export interface SessionRunOptions {
  readonly served: Served;
  readonly call: McpCall;
  readonly request: Request;
  readonly session: Session;
  readonly streams: SessionStreams;
  /** Of the run; unique in the session. */
  readonly streamId: string;
  /** The stream of its answer; absent: the session's one stream (HTTP+SSE). */
  readonly answerStream?: string;
  /** The client's requests: one, or a batch (2025-03-26 only). */
  readonly requests: readonly JSONRPCRequest[];
  readonly outlet: Outlet;
  /** How far the request has come that another process began; absent: it begins here. */
  readonly goesOn?: RoundState;
  /** Legacy revisions of this leg, newest first; absent: the usual ones. */
  readonly versions?: readonly string[];
  /** Told of each answer before the client is; what it returns is said. */
  readonly onAnswer: (request: JSONRPCRequest, answer: JSONRPCMessage) => Promise<JSONRPCMessage>;
}

/** A request that runs longer than this is watched for its cancellation, which arrives elsewhere. */
const WATCH_AFTER_MS = SECOND;

/** The requests of one POST in a session: a fresh server in its state, and what crosses processes. */
export class SessionRun {
  readonly #options: SessionRunOptions;
  readonly #open: Map<string | number, JSONRPCRequest>;
  readonly #over = new AbortController();
  readonly #transport: ExchangeTransport;
  readonly #requests: ServerRequests;
  readonly #work: Promise<unknown>[] = [];
  #ending: Promise<void> = Promise.resolve();
  /** The job's event that the notification stands for that is being said. */
  #relayed: number | undefined;

  constructor(options: SessionRunOptions) {
    this.#options = options;
    this.#open = new Map(options.requests.map((request) => [request.id, request]));
    const { served, call, request, session, streams, streamId, outlet } = options;
    const { closeStream } = outlet;
    const extra = {
      request,
      authInfo: toAuthInfo(served, call),
      ...(closeStream && { closeSSEStream: closeStream }),
    };
    this.#transport = new ExchangeTransport(session.id, extra, (message) => this.#say(message));
    this.#requests = new ServerRequests({
      log: served.ports.log,
      clock: served.ports.clock,
      pace: served.ports.pace,
      streams,
      streamId,
      deliver: (answer) => this.#transport.deliver(answer),
      report: served.report,
    });
  }

  #toAnswer(request: JSONRPCRequest, said: JSONRPCMessage): JSONRPCMessage {
    const answer = toLegacyAnswer(request, said);
    return hasLinks(this.#options.session) ? answer : withoutLinks(answer);
  }

  /** Aborts when every request has its answer, or was cancelled. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Hands the requests to a server. Returned is the work that is left when they have been. */
  async start(): Promise<{ readonly ended: Promise<void> }> {
    const { served, session, requests } = this.#options;
    const server = createServer(served, this.#toExchange());
    await server.connect(this.#transport);
    await hydrate(this.#transport, session);
    const ended = this.#watch(server);
    this.#options.outlet.replaced?.addEventListener("abort", () => this.#stop());
    for (const request of requests) this.#transport.deliver(request);
    return { ended };
  }

  #toExchange(): Exchange {
    const { served, call, outlet, versions, goesOn } = this.#options;
    return {
      era: "legacy",
      principal: call.principal,
      ...(versions && { versions }),
      ...(goesOn && { goesOn }),
      deadline: toDeadline(served, call),
      targetOf: (id) => targetOf(this.#open.get(id)),
      openStream: () => outlet.openStream(),
      ask: (id, asked) => this.#ask(id, asked),
      follows: (id, state) => this.#follows(id, state),
      relays: (event) => {
        this.#relayed = event;
      },
      began: (work) => this.#work.push(work),
      handedOut: () => undefined,
    };
  }

  async #watch(server: McpServer): Promise<void> {
    const { report } = this.#options.served;
    const watches = [...this.#open.keys()].map((id) => this.#watchCancel(id).catch(report));
    await aborted(this.#over.signal);
    // A host that keeps the process for this work freezes it afterwards: the last word must be out.
    await Promise.all([this.#ending, this.#requests.close(), ...watches]);
    await server.close();
    await Promise.allSettled(this.#work);
  }

  async #watchCancel(id: string | number): Promise<void> {
    const { served, streams } = this.#options;
    const { log, clock, pace } = served.ports;
    const signal = this.#over.signal;
    await clock.sleep(WATCH_AFTER_MS, signal);
    const key = await streams.cancel(id);
    for await (const event of tail(log, key, { after: 0, clock, signal, pace })) {
      this.#transport.deliver(event.data as unknown as JSONRPCNotification);
      // A cancelled request has no answer; the others of its batch may.
      await this.#settle(id);
      return;
    }
  }

  async #say(message: JSONRPCMessage): Promise<void> {
    const { outlet } = this.#options;
    if (isAnswer(message)) return this.#answer(message);
    if ("id" in message) return outlet.say(this.#requests.register(message));
    return outlet.say(this.#onWire(message as JSONRPCNotification), this.#relayed);
  }

  async #answer(said: JSONRPCMessage & { id?: unknown }): Promise<void> {
    const request = this.#open.get(said.id as string | number);
    if (!request) return;
    const answer = await this.#options.onAnswer(request, this.#toAnswer(request, said));
    const written = this.#options.outlet.say(answer);
    await this.#settle(request.id);
    await written;
  }

  async #settle(id: string | number): Promise<void> {
    this.#open.delete(id);
    if (this.#open.size > 0) return;
    this.#ending = this.#options.outlet.end();
    this.#over.abort();
    await this.#ending;
  }

  /** The requests of a batch have one stream, which can't be gone on with for one of them. */
  #follows(id: string | number, state: RoundState): void {
    const { served, requests, outlet } = this.#options;
    const request = this.#open.get(id);
    if (!request || requests.length > 1) return;
    outlet.follows?.({ request: withoutAnswers(request), state }).catch(served.report);
  }

  /** Another process goes on; that nobody is heard here must not look like the client's own wish to stop. */
  #stop(): void {
    this.#open.clear();
    this.#over.abort();
  }

  /** Asks on the outlet; the answers, or, after a while, nothing here any more (see parked-call.ts). */
  async #ask(
    id: string | number,
    { questions, requestState, task }: Asked,
  ): Promise<ClientAnswers> {
    const { served, outlet, answerStream } = this.#options;
    const { clock } = served.ports;
    if (outlet.replaced?.aborted) throw wentElsewhere();
    const asked = Object.entries(questions).map(
      ([key, question]) => [key, this.#requests.ask(question)] as const,
    );
    await Promise.all(asked.map(([, { request }]) => outlet.say(request)));
    const came = new AbortController();
    const all = Promise.all(
      asked.map(async ([key, { answer }]) => {
        const reply = await answer;
        if (!reply) throw new RefusedError("unavailable", "The question was taken back.");
        return [key, toAnswer(reply)] as const;
      }),
    );
    const patience = clock.sleep(this.#patience(), AbortSignal.any([came.signal, this.over]));
    try {
      const first = await Promise.race([all, patience]);
      if (outlet.replaced?.aborted) throw wentElsewhere();
      if (first) return Object.fromEntries(first);
    } finally {
      came.abort();
    }
    all.catch(() => undefined);
    const request = this.#open.get(id);
    if (!outlet.park || !request) throw new RefusedError("unavailable", "Nobody answered in time.");
    const wireIds = Object.fromEntries(asked.map(([key, one]) => [key, one.request.id as string]));
    const waiting: ParkedCall = {
      request: withoutAnswers(request),
      wireIds,
      ...(requestState !== undefined && { requestState }),
      ...(task !== undefined && { task }),
      ...(answerStream !== undefined && { answerStream }),
    };
    return (await this.#park(id, waiting)) ?? this.#leave(id);
  }

  /** Leaves the call to whoever gets the answers; those that came while it did, if nobody else has them. */
  async #park(id: string | number, waiting: ParkedCall): Promise<ClientAnswers | undefined> {
    const { served, streams, streamId } = this.#options;
    const { log } = served.ports;
    const parked = new ParkedCalls(log, streams);
    await parked.park(streamId, waiting);
    // Who answered just now may have looked before the call was parked.
    const late = await parked.answers(waiting);
    if (late && (await parked.take(streamId))) return late;
    // And so may who took the call back.
    const [cancelled] = await log.readAfter(await streams.cancel(id), 0);
    if (!cancelled || !(await parked.take(streamId))) return undefined;
    this.#transport.deliver(cancelled.data as unknown as JSONRPCNotification);
    await this.#settle(id);
    throw new RefusedError("unavailable", "The call was taken back.");
  }

  #patience(): number {
    const { served, call, outlet } = this.#options;
    const left = Math.max(0, toDeadline(served, call) - served.ports.clock.now());
    // The requests of a batch have one stream, which can't wait for one of them.
    const parks = outlet.park !== undefined && this.#open.size === 1;
    return parks ? Math.min(left, served.limits.parkAfterMs) : left;
  }

  /** The call is no longer this process's; what its handler says from now on is heard by nobody. */
  async #leave(id: string | number): Promise<never> {
    this.#open.delete(id);
    this.#ending = this.#options.outlet.park?.() ?? Promise.resolve();
    this.#over.abort();
    await this.#ending;
    throw wentElsewhere();
  }

  /** The server names its own requests by ids the client has never seen. */
  #onWire(notification: JSONRPCNotification): JSONRPCNotification {
    const { method, params } = notification;
    if (method !== "notifications/cancelled") return notification;
    const requestId = this.#requests.takeBack(params?.requestId as string | number);
    return requestId === undefined
      ? notification
      : { ...notification, params: { ...params, requestId } };
  }
}

/** Has no reader. */
function wentElsewhere(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InternalError, "The call goes on elsewhere.");
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
