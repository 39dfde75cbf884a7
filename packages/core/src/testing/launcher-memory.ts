import type { LaunchOrder, LaunchResult, WorkerLauncher } from "../burst/launcher.ts";

/** Launches nothing: remembers what was ordered, each token once. */
export class MemoryWorkerLauncher implements WorkerLauncher {
  readonly #orders = new Map<string, LaunchOrder>();
  #shortage: string | undefined;

  /** What was launched, in order. */
  get launched(): readonly LaunchOrder[] {
    return [...this.#orders.values()];
  }

  /** From now on there is no capacity, for this reason; undefined: there is again. */
  setShortage(reason: string | undefined): void {
    this.#shortage = reason;
  }

  launch(order: LaunchOrder): Promise<LaunchResult> {
    if (this.#shortage !== undefined && !this.#orders.has(order.token)) {
      return Promise.resolve({ kind: "later", reason: this.#shortage });
    }
    if (!this.#orders.has(order.token)) this.#orders.set(order.token, order);
    const number = [...this.#orders.keys()].indexOf(order.token) + 1;
    return Promise.resolve({ kind: "launched", taskArn: `task/memory/${number}` });
  }
}
