import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  McpServer,
} from "@modelcontextprotocol/server";
import { SECOND } from "../../lib/duration.ts";
import { tail } from "../../log/tail.ts";
import type { Session } from "../../session/session-store.ts";
import { type Exchange, type Served, toDeadline } from "../exchange.ts";
import { toAuthInfo } from "../modern.ts";
import type { McpCall } from "../ports.ts";
import { createServer } from "../server.ts";
import { hydrate } from "./hydrate.ts";
import { LoggedStream } from "./logged-stream.ts";
import { ServerRequests } from "./server-requests.ts";
import { newStreamId, type SessionStreams } from "./stream-names.ts";
import { ExchangeTransport, isAnswer } from "./transport.ts";

export interface AnsweringOptions {
  readonly served: Served;
  readonly call: McpCall;
  readonly request: Request;
  readonly session: Session;
  readonly streams: SessionStreams;
  /** The client's requests: one, or a batch (2025-03-26 only). */
  readonly requests: readonly JSONRPCRequest[];
  readonly isBatch: boolean;
  /** Told of each answer before the client is. */
  readonly onAnswer: (request: JSONRPCRequest, answer: JSONRPCMessage) => Promise<void>;
}

/** A request that runs longer than this is watched for its cancellation, which arrives elsewhere. */
const WATCH_AFTER_MS = SECOND;

/**
 * Answers the requests of one POST in a session. What ends without a word in between is answered as
 * JSON; anything that speaks first, or takes long, gets a stream that can be taken up again.
 */
export class Answering {
  readonly #options: AnsweringOptions;
  readonly #streamId = newStreamId();
  readonly #answers: JSONRPCMessage[] = [];
  readonly #open: Map<string | number, JSONRPCRequest>;
  readonly #first = Promise.withResolvers<Response>();
  readonly #over = new AbortController();
  readonly #transport: ExchangeTransport;
  readonly #requests: ServerRequests;
  #stream: LoggedStream | undefined;

  constructor(options: AnsweringOptions) {
    this.#options = options;
    this.#open = new Map(options.requests.map((request) => [request.id, request]));
    const { served, call, request, session, streams } = options;
    const extra = {
      request,
      authInfo: toAuthInfo(served, call),
      // Only a host that keeps the process running may end the response before the work.
      ...(call.waitUntil && { closeSSEStream: () => this.#detach() }),
    };
    this.#transport = new ExchangeTransport(session.id, extra, (message) => this.#say(message));
    this.#requests = new ServerRequests({
      log: served.ports.log,
      clock: served.ports.clock,
      pace: served.ports.pace,
      streams,
      streamId: this.#streamId,
      deliver: (answer) => this.#transport.deliver(answer),
      report: served.report,
    });
  }

  /** The HTTP answer; what goes on after it is handed to the call's `waitUntil`. */
  async start(): Promise<Response> {
    const { served, call, session, requests } = this.#options;
    const server = createServer(served, this.#toExchange());
    await server.connect(this.#transport);
    await hydrate(this.#transport, session);
    const challenge = await this.#transport.challenge(requests, served.ports.resourceMetadataUrl);
    if (challenge) {
      await server.close();
      return challenge;
    }
    const watching = this.#watch(server).catch(served.report);
    for (const request of requests) this.#transport.deliver(request);
    const response = await this.#first.promise;
    call.waitUntil?.(watching);
    return response;
  }

  #toExchange(): Exchange {
    const { served, call } = this.#options;
    return {
      era: "legacy",
      principal: call.principal,
      deadline: toDeadline(served, call),
      openStream: () => {
        this.#openStream().flush().catch(this.#options.served.report);
      },
      handedOut: () => undefined,
    };
  }

  /** Looks after the exchange until it is over: keeps its stream alive, hears of cancellations. */
  async #watch(server: McpServer): Promise<void> {
    const { ports, limits, report } = this.#options.served;
    const { clock } = ports;
    const { keepAliveMs } = limits;
    const over = this.#over.signal;
    const cancellations = [...this.#open.keys()].map((id) => this.#watchCancel(id).catch(report));
    await clock.sleep(keepAliveMs, over);
    while (!over.aborted) {
      this.#openStream().keepAlive();
      await this.#stream?.flush();
      await clock.sleep(keepAliveMs, over);
    }
    await Promise.all([this.#requests.close(), ...cancellations]);
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
    if (isAnswer(message)) return this.#answer(message);
    if ("id" in message) return this.#openStream().say(this.#requests.register(message));
    return this.#openStream().say(this.#onWire(message as JSONRPCNotification));
  }

  async #answer(answer: JSONRPCMessage & { id?: unknown }): Promise<void> {
    const request = this.#open.get(answer.id as string | number);
    if (!request) return;
    await this.#options.onAnswer(request, answer);
    this.#answers.push(answer);
    const said = this.#stream?.say(answer);
    await this.#settle(request.id);
    await said;
  }

  async #settle(id: string | number): Promise<void> {
    this.#open.delete(id);
    if (this.#open.size > 0) return;
    const ended = this.#finish();
    this.#over.abort();
    await ended;
  }

  async #finish(): Promise<void> {
    if (this.#stream || this.#answers.length === 0) return this.#openStream().end();
    const [only] = this.#answers;
    this.#first.resolve(Response.json(this.#options.isBatch ? this.#answers : only));
  }

  /** The stream; opening it says what a batch has answered so far. */
  #openStream(): LoggedStream {
    if (this.#stream) return this.#stream;
    const { served, streams } = this.#options;
    const stream = new LoggedStream({
      log: served.ports.log,
      id: this.#streamId,
      key: streams.answer(this.#streamId),
      primes: streams.primes,
      report: served.report,
    });
    this.#stream = stream;
    for (const answer of this.#answers) stream.say(answer).catch(served.report);
    this.#first.resolve(stream.response);
    return stream;
  }

  #detach(): void {
    this.#openStream().detach().catch(this.#options.served.report);
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
