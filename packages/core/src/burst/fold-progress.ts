import type { StoredEvent } from "../log/event-log.ts";

/**
 * A job's events with only the one that tells of the most progress. A worker that began anew is behind
 * what the one before it had told, and nobody is told less than that.
 */
export function foldProgress(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const told = events.filter(({ kind }) => kind === "progress");
  const most = told.reduce<StoredEvent | undefined>(
    (best, event) => (best && progressOf(best) >= progressOf(event) ? best : event),
    undefined,
  );
  return events.filter((event) => event.kind !== "progress" || event === most);
}

/** Events are what our own workers wrote (see CallService.follow). */
function progressOf({ data }: StoredEvent): number {
  return (data as { readonly progress: number }).progress;
}
