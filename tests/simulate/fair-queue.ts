import { Fifo } from "./fifo.ts";

interface Waiting<Job> {
  readonly jobs: Fifo<Job>;
  active: number;
  isReady: boolean;
}

/** Jobs in turn by tenant, each tenant's in their order, and no tenant with more than its slots at work. */
export class FairQueue<Job extends { readonly tenant: number }> {
  readonly #slots: number;
  readonly #tenants = new Map<number, Waiting<Job>>();
  readonly #ready = new Fifo<number>();
  #size = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get size(): number {
    return this.#size;
  }

  /** Tenants that have a job waiting and a slot free. */
  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  add(job: Job): void {
    const waiting = this.#of(job.tenant);
    waiting.jobs.add(job);
    this.#size += 1;
    this.#offer(job.tenant, waiting);
  }

  /** The next job, whose slot is taken until `end`. */
  take(): Job | undefined {
    for (;;) {
      const tenant = this.#ready.take();
      if (tenant === undefined) return undefined;
      this.#of(tenant).isReady = false;
      // Its job or its slot may have gone to a worker of its own meanwhile.
      const job = this.takeOf(tenant);
      if (job) return job;
    }
  }

  /** The tenant's own next job. */
  takeOf(tenant: number): Job | undefined {
    const waiting = this.#tenants.get(tenant);
    if (!waiting || waiting.active >= this.#slots) return undefined;
    const job = waiting.jobs.take();
    if (!job) return undefined;
    this.#size -= 1;
    waiting.active += 1;
    this.#offer(tenant, waiting);
    return job;
  }

  /** Gives a job's slot back. */
  end(tenant: number): void {
    const waiting = this.#of(tenant);
    waiting.active -= 1;
    this.#offer(tenant, waiting);
    if (waiting.active === 0 && waiting.jobs.size === 0 && !waiting.isReady) {
      this.#tenants.delete(tenant);
    }
  }

  *[Symbol.iterator](): Generator<Job> {
    for (const { jobs } of this.#tenants.values()) yield* jobs;
  }

  #offer(tenant: number, waiting: Waiting<Job>): void {
    if (waiting.isReady || waiting.jobs.size === 0 || waiting.active >= this.#slots) return;
    waiting.isReady = true;
    this.#ready.add(tenant);
  }

  #of(tenant: number): Waiting<Job> {
    const known = this.#tenants.get(tenant);
    if (known) return known;
    const waiting: Waiting<Job> = { jobs: new Fifo(), active: 0, isReady: false };
    this.#tenants.set(tenant, waiting);
    return waiting;
  }
}
