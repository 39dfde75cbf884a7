import { setTimeout as delay } from "node:timers/promises";
import { eventsOf, type Message, postLegacy, startSession } from "../../harness/wire.ts";
import type { Silence } from "../model/history.ts";
import {
  type CallOrder,
  type Driver,
  newExchange,
  noteProgress,
  type OpenExchange,
  toAnswer,
  unlessLost,
} from "./driver.ts";

/** A stream that says nothing for so long is given up, as the SDK's clients do after 60 s. */
const SILENCE_MS = 25_000;
const BREAK_MS = 100;

/**
 * A session of 2025-11-25 whose client takes its stream up by the id of the last event it has, however
 * often it breaks. When there is none to take up, it calls again.
 */
export function resuming(order: CallOrder): Driver {
  const exchanges: OpenExchange[] = [];
  let headers: Record<string, string> | undefined;
  let open: OpenExchange | undefined;
  return {
    exchanges,
    async connect(left) {
      headers ??= await unlessLost(() => startSession(order.mcpUrl, order.token));
      if (!headers) return undefined;
      if (!open) {
        open = newExchange("session");
        exchanges.push(open);
      }
      const wire: Wire = { order, headers, exchange: open, left };
      const outcome = await takeUp(wire);
      // A request that left no trace is made again, as one of its own.
      if (outcome === "gone" || outcome === "refused" || open.eventIds.length === 0)
        open = undefined;
      if (outcome === "no-session") headers = undefined;
      return wire.exchange.answers[0];
    },
    close: async () => undefined,
  };
}

interface Wire {
  readonly order: CallOrder;
  readonly headers: Record<string, string>;
  readonly exchange: OpenExchange;
  readonly left: AbortSignal;
}

/** `refused`: the server answered that it may work later; `gone`: nothing is there to be taken up. */
type Outcome = "answered" | "broken" | "gone" | "refused" | "no-session";

/** Reads on until the answer; a stream the server has closed is taken up at once. */
async function takeUp(wire: Wire): Promise<Outcome> {
  const { exchange, left } = wire;
  for (;;) {
    const outcome = await readOnce(wire);
    if (outcome !== "closed") return outcome;
    if (exchange.eventIds.length === 0 || left.aborted) return "broken";
    await unlessLost(() => delay(BREAK_MS, undefined, { signal: left }));
  }
}

/** `closed`: the server ended the stream before the answer. */
async function readOnce(wire: Wire): Promise<Outcome | "closed"> {
  const { exchange, left } = wire;
  const patience = new Patience();
  const signal = AbortSignal.any([left, patience.over]);
  try {
    const response = await unlessLost(() => request(wire, signal));
    if (response?.status === 404) return exchange.eventIds.length > 0 ? "gone" : "no-session";
    const read = () => response && readAll(response, exchange, () => patience.heard());
    const said = response?.status === 200 && (await unlessLost(async () => read()));
    if (exchange.answers.length > 0) return "answered";
    if (patience.over.aborted) {
      exchange.silence = patience.silence;
      return "gone";
    }
    return said || "broken";
  } finally {
    patience.stop();
  }
}

/** Is over when nothing was heard for too long. */
class Patience {
  readonly #over = new AbortController();
  #from = Date.now();
  #timer = setTimeout(() => this.#over.abort(), SILENCE_MS);

  get over(): AbortSignal {
    return this.#over.signal;
  }

  get silence(): Silence {
    return { from: this.#from, to: this.#from + SILENCE_MS };
  }

  heard(): void {
    this.#from = Date.now();
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function request({ order, headers, exchange }: Wire, signal: AbortSignal): Promise<Response> {
  const { mcpUrl, token, args } = order;
  const last = exchange.eventIds.at(-1);
  if (last === undefined) {
    const params = { name: "steps", arguments: args, _meta: { progressToken: "p" } };
    return postLegacy(mcpUrl, "tools/call", { token, headers, params, signal });
  }
  const authorization = `Bearer ${token}`;
  const accept = "text/event-stream";
  return fetch(mcpUrl, {
    headers: { ...headers, accept, authorization, "last-event-id": last },
    signal,
  });
}

async function readAll(
  response: Response,
  exchange: OpenExchange,
  heard: () => void,
): Promise<"closed" | "refused"> {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!isStream) return take((await response.json()) as Message, exchange);
  let outcome: "closed" | "refused" = "closed";
  for await (const { id, data } of eventsOf(response)) {
    if (id !== undefined) exchange.eventIds.push(id);
    heard();
    if (data !== "") outcome = take(JSON.parse(data) as Message, exchange);
  }
  return outcome;
}

function take(message: Message, exchange: OpenExchange): "closed" | "refused" {
  noteProgress(exchange, message);
  const answer = toAnswer(message);
  if (answer) exchange.answers.push(answer);
  const isFinal = message.result !== undefined || message.error !== undefined;
  return isFinal && !answer ? "refused" : "closed";
}
