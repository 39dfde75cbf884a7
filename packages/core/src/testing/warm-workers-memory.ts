import {
  ORDER_AHEAD_MS,
  type WarmOffer,
  type WarmOrder,
  type WarmWorker,
  type WarmWorkers,
} from "../burst/warm-workers.ts";

/** WarmWorkers in this process's memory: each method runs without a pause, so it is atomic. */
export class MemoryWarmWorkers implements WarmWorkers {
  readonly #workers = new Map<string, { readonly tenant: string; readonly entry: WarmWorker }>();

  offer(tenant: string, offer: WarmOffer): Promise<void> {
    const held = this.#held(tenant, offer.worker);
    if (!held || held.number < offer.number) this.#put(tenant, structuredClone(offer));
    return Promise.resolve();
  }

  get(tenant: string, worker: string): Promise<WarmWorker | undefined> {
    return Promise.resolve(this.#held(tenant, worker));
  }

  list(tenant: string): Promise<readonly WarmWorker[]> {
    const own = [...this.#workers.values()].filter((each) => each.tenant === tenant);
    const entries = own.map(({ entry }) => entry);
    return Promise.resolve(entries.sort((a, b) => (a.worker < b.worker ? -1 : 1)));
  }

  order(tenant: string, worker: string, order: WarmOrder): Promise<boolean> {
    const held = this.#held(tenant, worker);
    if (held?.order) return Promise.resolve(held.order.job === order.job);
    if (!held || held.until <= order.orderedAt + ORDER_AHEAD_MS) return Promise.resolve(false);
    this.#put(tenant, { ...held, order: structuredClone(order) });
    return Promise.resolve(true);
  }

  withdraw(tenant: string, worker: string): Promise<WarmOrder | undefined> {
    const held = this.#held(tenant, worker);
    if (!held?.order) this.#workers.delete(key(tenant, worker));
    return Promise.resolve(held?.order);
  }

  close(tenant: string, worker: string): Promise<WarmWorker | undefined> {
    const held = this.#held(tenant, worker);
    if (held) this.#put(tenant, { ...held, until: 0 });
    return Promise.resolve(this.#held(tenant, worker));
  }

  remove(tenant: string, worker: string): Promise<void> {
    this.#workers.delete(key(tenant, worker));
    return Promise.resolve();
  }

  #held(tenant: string, worker: string): WarmWorker | undefined {
    return this.#workers.get(key(tenant, worker))?.entry;
  }

  #put(tenant: string, entry: WarmWorker): void {
    this.#workers.set(key(tenant, entry.worker), { tenant, entry });
  }
}

function key(tenant: string, worker: string): string {
  return JSON.stringify([tenant, worker]);
}
