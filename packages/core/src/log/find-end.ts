import { END, type EventLog, type StreamKey } from "./event-log.ts";

/** The number the next event of a stream must get, and whether the stream has ended. */
export async function findEnd(
  log: EventLog,
  stream: StreamKey,
  from = 1,
): Promise<{ readonly next: number; readonly ended: boolean }> {
  let next = from;
  for (;;) {
    const last = (await log.readAfter(stream, next - 1)).at(-1);
    if (!last) return { next, ended: false };
    next = last.number + 1;
    if (last.kind === END) return { next, ended: true };
  }
}
