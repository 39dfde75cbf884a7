import type { Served } from "../exchange.ts";
import { frame, KEEP_ALIVE, SSE_HEADERS } from "../sse.ts";
import { RETRY_MS } from "./stream-names.ts";

type Frames = (signal: AbortSignal) => AsyncIterable<string>;

export interface StreamTimes {
  /** When to end it, milliseconds since the epoch. */
  readonly until: number;
  /** How soon the client is to come back. */
  readonly retryMs?: number;
}

/**
 * A response of frames as they come, with comments in between, that ends with the frames or at
 * `until` (milliseconds since the epoch), when the client is left to come back.
 */
export function timedStream(
  served: Served,
  { until, retryMs = RETRY_MS }: StreamTimes,
  frames: Frames,
): Response {
  const over = new AbortController();
  let hasLeft = false;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const write = (text: string) => {
        if (!hasLeft) controller.enqueue(frame(text));
      };
      write(`retry: ${retryMs}\n\n`);
      const beating = beat(served, { until, over, write });
      try {
        for await (const text of frames(over.signal)) write(text);
      } finally {
        over.abort();
        await beating;
      }
      if (!hasLeft) controller.close();
    },
    cancel() {
      hasLeft = true;
      over.abort();
    },
  });
  return new Response(body, { headers: SSE_HEADERS });
}

interface Beat {
  readonly until: number;
  readonly over: AbortController;
  readonly write: (text: string) => void;
}

async function beat({ ports, limits }: Served, { until, over, write }: Beat): Promise<void> {
  const { clock } = ports;
  while (!over.signal.aborted) {
    const left = until - clock.now();
    if (left <= 0) return over.abort();
    await clock.sleep(Math.min(left, limits.keepAliveMs), over.signal);
    if (!over.signal.aborted) write(KEEP_ALIVE);
  }
}
