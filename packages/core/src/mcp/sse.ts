import type { Clock } from "../lib/clock.ts";

export const SSE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache, no-transform",
  // Proxies must not gather what is meant to arrive at once.
  "X-Accel-Buffering": "no",
};

export const KEEP_ALIVE = ": keepalive\n\n";

const encoder = new TextEncoder();

export function frame(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** One event of the WHATWG event-stream format. */
export function toEvent(message: unknown, id?: string): string {
  const line = id === undefined ? "" : `id: ${id}\n`;
  return `${line}event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

/** The event that gives a client an id to come back with, before there is anything to say. */
export function toPriming(id: string, retryMs: number): string {
  return `id: ${id}\nretry: ${retryMs}\ndata: \n\n`;
}

export interface KeepAlive {
  readonly clock: Clock;
  readonly everyMs: number;
  /** The client has gone. */
  readonly onLeave: () => Promise<void>;
}

/** A stream that starts at once and says comments until the answer is there, then is the answer. */
export function keptAlive(answer: Promise<Response>, options: KeepAlive): Response {
  const left = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const quiet = new AbortController();
      const stop = AbortSignal.any([quiet.signal, left.signal]);
      const comments = sayComments(controller, options, stop);
      try {
        const response = await answer;
        quiet.abort();
        await comments;
        await copy(response, controller, left.signal);
      } finally {
        quiet.abort();
        await comments;
      }
      if (!left.signal.aborted) controller.close();
    },
    async cancel() {
      left.abort();
      await options.onLeave();
    },
  });
  return new Response(body, { headers: SSE_HEADERS });
}

async function sayComments(
  controller: ReadableStreamDefaultController<Uint8Array>,
  { clock, everyMs }: KeepAlive,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    controller.enqueue(frame(KEEP_ALIVE));
    await clock.sleep(everyMs, stop);
  }
}

export function isStream(response: Response): boolean {
  return response.headers.get("content-type") === SSE_HEADERS["Content-Type"];
}

async function copy(
  response: Response,
  controller: ReadableStreamDefaultController<Uint8Array>,
  left: AbortSignal,
): Promise<void> {
  if (!isStream(response)) {
    if (!left.aborted && response.body) controller.enqueue(frame(toEvent(await response.json())));
    return;
  }
  for await (const chunk of response.body ?? []) {
    if (left.aborted) return;
    controller.enqueue(chunk);
  }
}
