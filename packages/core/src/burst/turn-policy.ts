import type { Place, Ring } from "./launch-queue.ts";

/**
 * Whose turn it is: the tenant that was served longest ago, or came to wait first. Each launch puts
 * its tenant behind all others, so between two launches of one tenant every other waiting tenant has one.
 */
export function nextPlace({ places }: Ring): Place | undefined {
  let next: Place | undefined;
  for (const place of places) if (!next || isBefore(place, next)) next = place;
  return next;
}

function isBefore(a: Place, b: Place): boolean {
  return a.turn === b.turn ? a.tenant < b.tenant : a.turn < b.turn;
}

/** The turn behind everybody in the ring, also where another process's clock is ahead of ours. */
export function lastTurn({ places }: Ring, now: number): number {
  return places.reduce((last, { turn }) => Math.max(last, turn + 1), now);
}
