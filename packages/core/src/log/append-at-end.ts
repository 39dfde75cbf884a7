import type { EventLog, LogEvent, StreamKey } from "./event-log.ts";
import { findEnd } from "./find-end.ts";

/**
 * Appends to a stream with several writers, behind whatever is there by then; the number of the
 * first event. `writer` is one that appends one thing after the other, so that a repeat is known.
 */
export async function appendAtEnd(
  log: EventLog,
  stream: StreamKey,
  { writer, events, from = 1 }: AtEnd,
): Promise<number> {
  let { next } = await findEnd(log, stream, from);
  while ((await log.append(stream, next, writer, events)) === "taken") {
    ({ next } = await findEnd(log, stream, next));
  }
  return next;
}

export interface AtEnd {
  readonly writer: string;
  readonly events: readonly LogEvent[];
  /** A number below which the stream is known to be written. */
  readonly from?: number;
}
