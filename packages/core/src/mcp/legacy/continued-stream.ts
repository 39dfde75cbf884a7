import type { Served } from "../exchange.ts";
import { LoggedStream, type LoggedStreamOptions } from "./logged-stream.ts";
import type { Outlet } from "./outlet.ts";
import type { SessionStreams } from "./stream-names.ts";

export interface ContinuedStream {
  readonly stream: LoggedStream;
  readonly outlet: Outlet & Required<Pick<Outlet, "follows" | "park">>;
}

/** An answer's stream that another process began, and what a run says to it. */
export function continueStream(
  { ports, report }: Served,
  streams: SessionStreams,
  { id, ...place }: Required<Pick<LoggedStreamOptions, "id" | "next">> & { readonly joins?: true },
): ContinuedStream {
  const replaced = new AbortController();
  const stream = new LoggedStream({
    log: ports.log,
    id,
    key: streams.answer(id),
    primes: streams.primes,
    onReplaced: () => replaced.abort(),
    report,
    ...place,
  });
  const outlet = {
    say: (message: unknown, event?: number) => stream.say(message, event),
    openStream: () => undefined,
    follows: stream.follows.bind(stream),
    replaced: replaced.signal,
    park: () => stream.park(),
    end: () => stream.end(),
  };
  return { stream, outlet };
}
