import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  McpServer,
} from "@modelcontextprotocol/server";
import { SECOND } from "../../lib/duration.ts";
import { tail } from "../../log/tail.ts";
import type { Session } from "../../session/session-store.ts";
import { toLegacyAnswer } from "../error-to-wire.ts";
import { type Exchange, type Served, targetOf, toDeadline } from "../exchange.ts";
import { toAuthInfo } from "../modern.ts";
import type { McpCall } from "../ports.ts";
import { createServer } from "../server.ts";
import { hydrate } from "./hydrate.ts";
import { ServerRequests } from "./server-requests.ts";
import type { SessionStreams } from "./stream-names.ts";
import { ExchangeTransport, isAnswer } from "./transport.ts";

/** Where what a run says goes: the stream of its own answer, or the one stream of an old session. */
export interface Outlet {
  /** Resolves when the message is logged and on its way. */
  say(message: JSONRPCMessage): Promise<void>;
  /** Something will be said, but not soon. */
  openStream(): void;
  /** The client is to come back for the rest; absent where it can't. */
  readonly closeStream?: () => void;
  /** All has been said. */
  end(): Promise<void>;
}

export interface SessionRunOptions {
  readonly served: Served;
  readonly call: McpCall;
  readonly request: Request;
  readonly session: Session;
  readonly streams: SessionStreams;
  /** Unique in the session. */
  readonly streamId: string;
  /** The client's requests: one, or a batch (2025-03-26 only). */
  readonly requests: readonly JSONRPCRequest[];
  readonly outlet: Outlet;
  /** Legacy revisions of this leg, newest first; absent: the usual ones. */
  readonly versions?: readonly string[];
  /** Told of each answer before the client is. */
  readonly onAnswer: (request: JSONRPCRequest, answer: JSONRPCMessage) => Promise<void>;
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
  #ending: Promise<void> = Promise.resolve();

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
    for (const request of requests) this.#transport.deliver(request);
    return { ended };
  }

  #toExchange(): Exchange {
    const { served, call, outlet, versions } = this.#options;
    return {
      era: "legacy",
      principal: call.principal,
      ...(versions && { versions }),
      deadline: toDeadline(served, call),
      targetOf: (id) => targetOf(this.#open.get(id)),
      openStream: () => outlet.openStream(),
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
    return outlet.say(this.#onWire(message as JSONRPCNotification));
  }

  async #answer(said: JSONRPCMessage & { id?: unknown }): Promise<void> {
    const request = this.#open.get(said.id as string | number);
    if (!request) return;
    const answer = toLegacyAnswer(request, said);
    await this.#options.onAnswer(request, answer);
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

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
