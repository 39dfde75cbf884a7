import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;
const PATIENCE_MS = 30_000;

/** Asks until the answer is neither undefined nor false. @throws Error that says what did not come. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > until) throw new Error(`${what}: not within ${patienceMs} ms`);
    await delay(POLL_MS);
  }
}
