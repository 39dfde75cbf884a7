import {
  type Clock,
  checkDeclared,
  FencedError,
  type InputAnswer,
  type InputChange,
  type InputRequest,
  Interruption,
  type Job,
  type JobInput,
  type JobJournal,
  type JobStore,
  type Json,
  type Lease,
  type Logger,
  toAnswer,
} from "@zenode/core";

export interface JobAsksOptions {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly journal: Pick<JobJournal, "add" | "flush">;
  readonly lease: Lease;
  /** As it was claimed: what its client can be asked for, and what earlier runs asked. */
  readonly job: Pick<Job, "asks" | "inputs">;
  /** Milliseconds until a job whose question nobody answers is parked; its worker is paid for while it waits. */
  readonly askPatienceMs: number;
}

/**
 * What a tool asks its client, from its worker's side: the request is stored on the job before
 * anybody can see it, and the answer comes with a heartbeat, because it may arrive at any process.
 * What an earlier run asked since its checkpoint is asked again in the same order, so it is found there.
 */
export class JobAsks {
  readonly #options: JobAsksOptions;
  readonly #waiting = new Map<string, PromiseWithResolvers<Json>>();
  readonly #closed = new AbortController();
  readonly #parked = new AbortController();
  /** What earlier runs asked and this one has not yet, in order. */
  #earlier: readonly JobInput[];
  #asked = 0;
  #gathered: InputChange = NOTHING;
  /** Something is waited for that the job does not show as due. */
  #isUnshown = false;
  /** Keys whose answers the tool has. */
  #known: string[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(options: JobAsksOptions) {
    this.#options = options;
    this.#earlier = options.job.inputs;
  }

  /** Whether answers are due: then they are looked for more often. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Aborts when the job was parked: it is no longer this worker's. */
  get parked(): AbortSignal {
    return this.#parked.signal;
  }

  // Tools take this out of their context and call it alone, so it is bound.
  readonly ask = async <Request extends InputRequest>(
    request: Request,
  ): Promise<InputAnswer<Request>> => {
    checkDeclared(request, this.#options.job.asks);
    this.#closed.signal.throwIfAborted();
    const { key, answer } = this.#find(request);
    if (answer !== undefined) {
      this.#known.push(key);
      return toAnswer(request, answer);
    }
    const answered = Promise.withResolvers<Json>();
    this.#waiting.set(key, answered);
    this.#isUnshown = true;
    const given = new AbortController();
    try {
      await this.#store();
      void this.#parkLater(given.signal);
      return toAnswer(request, await Promise.race([answered.promise, this.#stopped()]));
    } finally {
      given.abort();
      this.#waiting.delete(key);
    }
  };

  readonly checkpoint = async (state: Json): Promise<void> => {
    const { jobs, lease, clock, journal } = this.#options;
    const closes = this.#known;
    // What was told before it is never told again: a run that goes on from here begins behind it.
    await journal.flush();
    const isHeld = await jobs.checkpoint(lease, { state, closes }, clock.now());
    if (!isHeld) throw new FencedError(TAKEN_OVER);
    this.#known = this.#known.slice(closes.length);
  };

  /** Takes what a heartbeat brought. */
  take(inputs: readonly JobInput[]): void {
    for (const { key, answer } of inputs) {
      const waiting = this.#waiting.get(key);
      if (!waiting || answer === undefined) continue;
      this.#waiting.delete(key);
      this.#known.push(key);
      this.#options.journal.add({ kind: "resumed", data: {} });
      waiting.resolve(answer);
    }
  }

  /** Nobody waits any longer: the tool has ended or is to stop. */
  close(reason: unknown): void {
    this.#closed.abort(reason);
  }

  /** The same question of an earlier run, or a new one. */
  #find(request: InputRequest): JobInput {
    const [earlier, ...later] = this.#earlier;
    const { add, drop } = this.#gathered;
    if (earlier && JSON.stringify(earlier.request) === JSON.stringify(request)) {
      this.#earlier = later;
      return earlier;
    }
    this.#asked += 1;
    // The fence sets the keys of different workers apart.
    const key = `ask-${this.#options.lease.fence}-${this.#asked}`;
    const stale = this.#earlier.map((input) => input.key);
    this.#earlier = [];
    this.#gathered = { add: [...add, { key, request }], drop: [...drop, ...stale] };
    return { key, request };
  }

  /** Stores what was asked in the same turn, in one write. */
  #store(): Promise<void> {
    this.#written = this.#written.then(async () => {
      if (!this.#isUnshown) return;
      this.#isUnshown = false;
      const { jobs, lease, clock, journal } = this.#options;
      const change = this.#gathered;
      this.#gathered = NOTHING;
      if (!(await jobs.ask(lease, change, clock.now()))) throw new FencedError(TAKEN_OVER);
      journal.add({ kind: "input_required", data: {} });
    });
    return this.#written;
  }

  /** Parks the job when nobody answers. A refusal means that an answer, or another worker, was faster. */
  async #parkLater(given: AbortSignal): Promise<void> {
    const { jobs, lease, clock, logger, askPatienceMs } = this.#options;
    const over = AbortSignal.any([given, this.#closed.signal]);
    while (!over.aborted) {
      await clock.sleep(askPatienceMs, over);
      if (over.aborted) return;
      try {
        if (!(await jobs.park(lease, clock.now()))) continue;
        return this.#parked.abort(new Interruption("parked", 0));
      } catch (cause) {
        logger.error("parking failed", cause, { job: lease.id });
      }
    }
  }

  #stopped(): Promise<never> {
    const { signal } = this.#closed;
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    return promise;
  }
}

const NOTHING: InputChange = { add: [], drop: [] };
const TAKEN_OVER = "Another worker has taken this job over.";
