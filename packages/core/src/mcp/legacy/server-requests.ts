import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { Clock } from "../../lib/clock.ts";
import type { EventLog } from "../../log/event-log.ts";
import { type TailPace, tail } from "../../log/tail.ts";
import { type SessionStreams, toWireId } from "./stream-names.ts";

export interface ServerRequestsOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly pace: TailPace | undefined;
  readonly streams: SessionStreams;
  readonly streamId: string;
  /** Hands the client's answer to the server that asked. */
  readonly deliver: (answer: JSONRPCMessage) => void;
  readonly report: (error: unknown) => void;
}

const UNREADABLE = {
  code: ProtocolErrorCode.InternalError,
  message: "The client's answer could not be read.",
};

/**
 * Requests from the server to the client, whose answers arrive at whatever process the client's next
 * POST lands on. Each server numbers its own from 0, so they get an id that is unique in the session
 * on the wire, and their answers are waited for in the log.
 */
export class ServerRequests {
  readonly #options: ServerRequestsOptions;
  readonly #open = new Map<string | number, { wireId: string; answered: AbortController }>();
  readonly #waits: Promise<void>[] = [];

  constructor(options: ServerRequestsOptions) {
    this.#options = options;
  }

  /** The request as it goes out. From now on its answer is waited for. */
  register(request: JSONRPCRequest): JSONRPCRequest {
    const wireId = toWireId(this.#options.streamId, this.#waits.length);
    const answered = new AbortController();
    this.#open.set(request.id, { wireId, answered });
    this.#waits.push(this.#wait(request.id, wireId, answered.signal));
    return withProgressToken({ ...request, id: wireId }, wireId);
  }

  /** The id on the wire of a request that is taken back; its answer is not waited for any longer. */
  takeBack(localId: string | number): string | undefined {
    const open = this.#open.get(localId);
    open?.answered.abort();
    return open?.wireId;
  }

  /** Stops all waiting. */
  async close(): Promise<void> {
    for (const { answered } of this.#open.values()) answered.abort();
    await Promise.all(this.#waits);
  }

  async #wait(id: string | number, wireId: string, signal: AbortSignal): Promise<void> {
    const { log, clock, pace, streams, deliver, report } = this.#options;
    try {
      const options = { after: 0, clock, signal, pace };
      for await (const event of tail(log, streams.reply(wireId), options)) {
        this.#open.delete(id);
        return deliver({ ...(event.data as object), id } as JSONRPCMessage);
      }
    } catch (error) {
      report(error);
      deliver({ jsonrpc: "2.0", id, error: UNREADABLE });
    }
  }
}

/** Tokens must be unique among the requests in flight, which other processes of the session have too. */
function withProgressToken(request: JSONRPCRequest, token: string): JSONRPCRequest {
  const meta = request.params?._meta;
  if (meta?.progressToken === undefined) return request;
  return { ...request, params: { ...request.params, _meta: { ...meta, progressToken: token } } };
}
