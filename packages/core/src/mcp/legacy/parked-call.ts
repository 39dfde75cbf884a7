import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import { RefusedError } from "../../lib/error.ts";
import type { Json } from "../../lib/json.ts";
import type { EventLog } from "../../log/event-log.ts";
import type { ClientAnswers } from "../exchange.ts";
import type { SessionStreams } from "./stream-names.ts";

/** All that another process needs to call a tool again once its questions are answered. */
export interface ParkedCall {
  readonly request: JSONRPCRequest;
  /** Wire id of each question, by its key. */
  readonly wireIds: Readonly<Record<string, string>>;
  readonly requestState?: string;
  /** The stream its answer goes to; absent: the session's one stream (HTTP+SSE). */
  readonly answerStream?: string;
}

/**
 * Calls that wait for a person without a process. Its log has two places: the first is taken by the
 * process that gives up waiting, the second by the one that goes on: whoever sees the call parked and
 * all questions answered tries to take it, and exactly one can.
 */
export class ParkedCalls {
  readonly #log: EventLog;
  readonly #streams: SessionStreams;

  constructor(log: EventLog, streams: SessionStreams) {
    this.#log = log;
    this.#streams = streams;
  }

  async park(runId: string, call: ParkedCall): Promise<void> {
    const events = [{ kind: "parked", data: call as unknown as Json }];
    await this.#log.append(this.#streams.wait(runId), 1, runId, events);
  }

  /** Undefined: it is not parked, or somebody went on with it. */
  async find(runId: string): Promise<ParkedCall | undefined> {
    const [parked, taken] = await this.#log.readAfter(this.#streams.wait(runId), 0);
    return taken ? undefined : (parked?.data as unknown as ParkedCall | undefined);
  }

  /** Whether the call is now the caller's to go on with. */
  async take(runId: string): Promise<boolean> {
    const events = [{ kind: "taken", data: {} }];
    const writer = crypto.randomUUID();
    return (await this.#log.append(this.#streams.wait(runId), 2, writer, events)) === "appended";
  }

  /** Undefined: not all have come. @throws RefusedError when the client answered with an error. */
  async answers({ wireIds }: Pick<ParkedCall, "wireIds">): Promise<ClientAnswers | undefined> {
    const found = await Promise.all(
      Object.entries(wireIds).map(async ([key, wireId]) => {
        const [reply] = await this.#log.readAfter(this.#streams.reply(wireId), 0);
        return [key, reply?.data as unknown as JSONRPCMessage | undefined] as const;
      }),
    );
    if (found.some(([, reply]) => reply === undefined)) return undefined;
    return Object.fromEntries(found.map(([key, reply]) => [key, toAnswer(reply)]));
  }

  async isCancelled({ request }: ParkedCall): Promise<boolean> {
    const key = await this.#streams.cancel(request.id);
    return (await this.#log.readAfter(key, 0)).length > 0;
  }
}

/** @throws RefusedError with the client's own words. */
export function toAnswer(reply: JSONRPCMessage | undefined): unknown {
  if (reply && "result" in reply) return reply.result;
  const why = reply && "error" in reply ? reply.error.message : "nothing";
  throw new RefusedError("unavailable", `The client could not be asked. It said: ${why}`);
}
