import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import {
  StdioServerTransport,
  serveStdio as serveConnection,
} from "@modelcontextprotocol/server/stdio";
import type { Principal } from "../access/principal.ts";
import { HOUR } from "../lib/duration.ts";
import type { Exchange } from "./exchange.ts";
import type { Era, ServerPorts } from "./ports.ts";
import { RequestStates, spendInMemory } from "./request-state.ts";
import { createServer } from "./server.ts";
import { createServing } from "./serving.ts";

export interface StdioPorts extends ServerPorts {
  /** Whoever started the process. No scope is checked: it is their own machine. */
  readonly principal: Principal;
}

type Arguments = ConstructorParameters<typeof StdioServerTransport>;

/** The process's own standard input and output, as a rule. */
export interface StdioStreams {
  readonly input: NonNullable<Arguments[0]>;
  readonly output: NonNullable<Arguments[1]>;
}

export interface StdioConnection {
  /** Resolves when the client has closed its end, or `close` was called. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** No platform ends a call here; this is when a client is told to ask for the rest. */
const CALL_MS = HOUR;

/**
 * Serves one client over a pair of streams, from the same catalogue and handlers as the HTTP
 * endpoint. The client's first message decides the era (specification, transports, stdio). A line
 * that is no JSON-RPC message is reported and passed over.
 */
export function serveStdio(ports: StdioPorts, streams: StdioStreams): StdioConnection {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const serving = createServing(ports, {
    requestStates: new RequestStates([key], spendInMemory()),
  });
  const wire = new Wire(streams);
  const connection = serveConnection(({ era }) => createServer(serving, toExchange(ports, era)), {
    transport: wire,
    onerror: serving.report,
  });
  return { closed: wire.closed, close: () => connection.close() };
}

/** One server lives as long as its connection, so the deadline is counted from when it is asked for. */
function toExchange({ principal, clock }: StdioPorts, era: Era): Exchange {
  return {
    era,
    principal,
    get deadline() {
      return clock.now() + CALL_MS;
    },
    // A pipe is open all the time, and closes when its client goes.
    openStream: () => undefined,
    targetOf: () => "",
    handedOut: () => undefined,
  };
}

class Wire extends StdioServerTransport {
  readonly closed: Promise<void>;
  readonly #resolve: () => void;

  constructor({ input, output }: StdioStreams) {
    super(input, output);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolve = resolve;
  }

  override send(message: JSONRPCMessage): Promise<void> {
    return super.send(withoutContent(message));
  }

  override async close(): Promise<void> {
    await super.close();
    this.#resolve();
  }
}

/** The SDK gives every tools/call result a `content`; a task handle has none. */
function withoutContent(message: JSONRPCMessage): JSONRPCMessage {
  if (!("result" in message) || message.result.resultType !== "task") return message;
  const { content: _, ...handle } = message.result;
  return { ...message, result: handle };
}
