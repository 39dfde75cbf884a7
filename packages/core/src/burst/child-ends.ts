import { SECOND } from "../lib/duration.ts";
import type { StoredEvent } from "../log/event-log.ts";
import type { TailPace } from "../log/tail.ts";
import { childrenStream, isTerminal, type Job, type JobId } from "./job.ts";
import { type RecoveryPorts, recoverJob } from "./recover.ts";

const PACE: TailPace = { fastestMs: 40, slowestMs: SECOND };
const SLOWING = 1.25;
/** How often a parent looks at the children themselves: for launches without room, leases run out, and ends that were not told. */
const LOOK_MS = 5 * SECOND;

/** Waits for children's ends with one query for all of them, however many are at work. */
export class ChildEnds {
  readonly #ports: RecoveryPorts;
  readonly #parent: Job;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<JobId, PromiseWithResolvers<Job>>();
  #last = 0;
  #looked = 0;
  #watching = false;

  /** `signal` ends all waits. */
  constructor(ports: RecoveryPorts, parent: Job, signal: AbortSignal) {
    this.#ports = ports;
    this.#parent = parent;
    this.#signal = signal;
  }

  /** The last event of the children's stream that was read. */
  get last(): number {
    return this.#last;
  }

  /** The child as it ended. Ask before the child is started, else its end may be read too early to count. */
  wait(id: JobId): Promise<Job> {
    const waiting = this.#waiting.get(id) ?? Promise.withResolvers<Job>();
    this.#waiting.set(id, waiting);
    waiting.promise.catch(() => undefined);
    if (!this.#watching) void this.#watch();
    return waiting.promise;
  }

  /** Nobody waits for this child any longer. */
  forget(id: JobId): void {
    this.#waiting.delete(id);
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    this.#looked = this.#ports.clock.now();
    let pause = PACE.fastestMs;
    try {
      while (this.#waiting.size > 0) {
        this.#signal.throwIfAborted();
        const heard = await this.#read();
        await this.#lookNowAndThen();
        pause = heard ? PACE.fastestMs : Math.min(pause * SLOWING, PACE.slowestMs);
        await this.#ports.clock.sleep(pause, this.#signal);
      }
    } catch (cause) {
      for (const { reject } of this.#waiting.values()) reject(cause);
      this.#waiting.clear();
    } finally {
      this.#watching = false;
    }
  }

  /** Whether anything was there. */
  async #read(): Promise<boolean> {
    const stream = childrenStream(this.#parent.id, this.#parent);
    const events = await this.#ports.log.readAfter(stream, this.#last);
    this.#last = events.at(-1)?.number ?? this.#last;
    await Promise.all(events.map((event) => this.#take(idOf(event))));
    return events.length > 0;
  }

  async #lookNowAndThen(): Promise<void> {
    const { clock } = this.#ports;
    if (clock.now() - this.#looked < LOOK_MS) return;
    this.#looked = clock.now();
    const { tenant } = this.#parent.principal;
    await Promise.all(
      [...this.#waiting.keys()].map(async (id) => {
        await recoverJob(this.#ports, { tenant, id });
        await this.#take(id);
      }),
    );
  }

  async #take(id: JobId): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    const child = await this.#ports.jobs.get(this.#parent.principal.tenant, id);
    if (!child || !isTerminal(child.state)) return;
    this.#waiting.delete(id);
    waiting.resolve(child);
  }
}

/** What our own workers wrote. */
function idOf({ data }: StoredEvent): JobId {
  return (data as { readonly id: JobId }).id;
}
