import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import type { Json } from "../../lib/json.ts";
import { appendAtEnd } from "../../log/append-at-end.ts";
import type { EventLog } from "../../log/event-log.ts";
import type { ClientAnswers } from "../exchange.ts";
import type { SessionStreams } from "./stream-names.ts";

/** All that another process needs to call a tool again once its questions are answered. */
export interface ParkedCall {
  readonly request: JSONRPCRequest;
  /** Wire id of each question, by its key. */
  readonly wireIds: Readonly<Record<string, string>>;
  readonly requestState?: string;
  /** The job it waits for. */
  readonly task?: string;
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
    await appendAtEnd(this.#log, await this.#streams.parked(call.request.id), {
      writer: runId,
      events: [{ kind: "run", data: runId }],
      from: 1,
    });
    const events = [{ kind: "parked", data: call as unknown as Json }];
    await this.#log.append(this.#streams.wait(runId), 1, runId, events);
  }

  /** The run that parked this request last. */
  async runOf(requestId: string | number): Promise<string | undefined> {
    const runs = await this.#log.readAfter(await this.#streams.parked(requestId), 0);
    return runs.at(-1)?.data as string | undefined;
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

  /** Undefined: not all have come. */
  async answers({ wireIds }: Pick<ParkedCall, "wireIds">): Promise<ClientAnswers | undefined> {
    const found = await Promise.all(
      Object.entries(wireIds).map(async ([key, wireId]) => {
        const [reply] = await this.#log.readAfter(this.#streams.reply(wireId), 0);
        return [key, reply?.data as unknown as JSONRPCMessage | undefined] as const;
      }),
    );
    const answers: Record<string, unknown> = {};
    for (const [key, reply] of found) {
      if (!reply) return undefined;
      answers[key] = toAnswer(reply);
    }
    return answers;
  }

  async isCancelled({ request }: ParkedCall): Promise<boolean> {
    const key = await this.#streams.cancel(request.id);
    return (await this.#log.readAfter(key, 0)).length > 0;
  }
}

/** An error for an answer is a refusal, in the shape that elicitations have for it, with the client's own words. */
export function toAnswer(reply: JSONRPCMessage): unknown {
  if ("result" in reply) return reply.result;
  const reason = "error" in reply ? reply.error.message : "It said nothing.";
  return { action: "decline", reason };
}
