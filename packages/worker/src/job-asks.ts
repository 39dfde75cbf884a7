import {
  type Clock,
  checkDeclared,
  FencedError,
  type InputAnswer,
  type InputRequest,
  type Job,
  type JobInput,
  type JobJournal,
  type JobStore,
  type Json,
  type Lease,
  MINUTE,
  RefusedError,
  toAnswer,
} from "@zenode/core";

/** How long a worker waits for an answer; it is paid for while it does. */
export const ASK_PATIENCE_MS = 10 * MINUTE;

export interface JobAsksOptions {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly journal: Pick<JobJournal, "add">;
  readonly lease: Lease;
  /** What the client that made the call can be asked for. */
  readonly asks: Job["asks"];
}

interface Waiting {
  readonly request: InputRequest;
  readonly answered: PromiseWithResolvers<Json>;
}

/**
 * What a tool asks its client, from its worker's side: the request is stored on the job before
 * anybody can see it, and the answer comes with a heartbeat, because it may arrive at any process.
 */
export class JobAsks {
  readonly #options: JobAsksOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #closed = new AbortController();
  #asked = 0;
  #gathered: { key: string; request: InputRequest }[] = [];
  /** Keys whose answers the tool has: they leave the job with the next write. */
  #taken: string[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(options: JobAsksOptions) {
    this.#options = options;
  }

  /** Whether answers are due: then they are looked for more often. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  // Tools take this out of their context and call it alone, so it is bound.
  readonly ask = async <Request extends InputRequest>(
    request: Request,
  ): Promise<InputAnswer<Request>> => {
    checkDeclared(request, this.#options.asks);
    this.#asked += 1;
    // The fence sets a replaced worker's keys apart from its successor's.
    const key = `ask-${this.#options.lease.fence}-${this.#asked}`;
    const answered = Promise.withResolvers<Json>();
    this.#waiting.set(key, { request, answered });
    this.#gathered.push({ key, request });
    const giveUp = this.#giveUp(key);
    try {
      await this.#store();
      return toAnswer(request, await Promise.race([answered.promise, giveUp.promise]));
    } finally {
      giveUp.cancel();
      this.#waiting.delete(key);
    }
  };

  /** Takes what a heartbeat brought. */
  take(inputs: readonly JobInput[]): void {
    for (const { key, answer } of inputs) {
      const waiting = this.#waiting.get(key);
      if (!waiting || answer === undefined) continue;
      this.#waiting.delete(key);
      this.#taken.push(key);
      this.#options.journal.add({ kind: "resumed", data: {} });
      waiting.answered.resolve(answer);
    }
  }

  /** Nobody waits any longer: the tool has ended or was told to stop. */
  close(): void {
    this.#closed.abort();
  }

  /** Stores what was asked in the same turn, in one write. */
  #store(): Promise<void> {
    this.#written = this.#written.then(async () => {
      const add = this.#gathered;
      if (add.length === 0) return;
      this.#gathered = [];
      await this.#change(add);
      this.#options.journal.add({ kind: "input_required", data: {} });
    });
    return this.#written;
  }

  async #change(add: readonly { key: string; request: InputRequest }[]): Promise<void> {
    const { jobs, lease, clock } = this.#options;
    const drop = this.#taken;
    this.#taken = [];
    const isHeld = await jobs.ask(lease, { add, drop }, clock.now());
    if (!isHeld) throw new FencedError("Another worker has taken this job over.");
  }

  #giveUp(key: string): { readonly promise: Promise<never>; cancel(): void } {
    const { clock } = this.#options;
    const over = new AbortController();
    const wait = async (): Promise<never> => {
      await clock.sleep(ASK_PATIENCE_MS, AbortSignal.any([over.signal, this.#closed.signal]));
      if (over.signal.aborted) return new Promise<never>(() => undefined);
      if (!this.#closed.signal.aborted) {
        this.#taken.push(key);
        await this.#change([]);
        this.#options.journal.add({ kind: "resumed", data: {} });
      }
      const minutes = ASK_PATIENCE_MS / MINUTE;
      const text = `Nobody answered within ${minutes} minutes. Call the tool again when somebody can.`;
      throw new RefusedError("declined", text);
    };
    const promise = wait();
    // Whoever races it hears of it; when nobody does any longer it means nothing.
    promise.catch(() => undefined);
    return { promise, cancel: () => over.abort() };
  }
}
