import {
  type FactorChange,
  HISTORY_MS,
  type PlacementHistory,
} from "../burst/placement-history.ts";

interface Entry {
  readonly factor: number;
  readonly until: number;
}

/** PlacementHistory in this process's memory. */
export class MemoryPlacementHistory implements PlacementHistory {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(clock: { now(): number } = Date) {
    this.#now = () => clock.now();
  }

  factor(tenant: string, tool: string): Promise<number> {
    const entry = this.#entries.get(JSON.stringify([tenant, tool]));
    return Promise.resolve(entry && entry.until > this.#now() ? entry.factor : 1);
  }

  async learn(tenant: string, tool: string, { from, to, now }: FactorChange): Promise<void> {
    if ((await this.factor(tenant, tool)) !== from) return;
    this.#entries.set(JSON.stringify([tenant, tool]), { factor: to, until: now + HISTORY_MS });
  }
}
