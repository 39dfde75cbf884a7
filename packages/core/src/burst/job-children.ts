import type { ChildEnd, ChildPlan, Children } from "../tool/children.ts";
import type { ToolRegistry } from "../tool/registry.ts";
import { cancelChildren, cancelJob } from "./cancel-job.ts";
import { childDepth } from "./child-depth.ts";
import { ChildEnds } from "./child-ends.ts";
import { toChildEnd, toChildKey } from "./child-identity.ts";
import { ChildMaps, type ChildOrder, MAX_CHILDREN, tooManyChildren } from "./child-maps.ts";
import { bringToWorker } from "./dispatch.ts";
import { isTerminal, type Job, type JobId, type Lease } from "./job.ts";
import type { ChildJob } from "./job-store.ts";
import { isUnderWay } from "./launch.ts";
import type { RecoveryPorts } from "./recover.ts";

export interface ChildPorts extends RecoveryPorts {
  readonly registry: ToolRegistry;
}

/**
 * The children of a job that this worker holds. Each is a job like any other, stored before it is
 * launched, under an id that follows from what it is to do: another attempt finds it again.
 */
export class JobChildren implements Children {
  readonly #ports: ChildPorts;
  readonly #job: Job;
  readonly #closed = new AbortController();
  readonly #maps: ChildMaps;
  readonly #ends: ChildEnds;
  readonly #signal: AbortSignal;
  /** Children that are stored, by this attempt or those before. */
  #stored: Set<JobId> | undefined;
  /** One after the other: each checks the parent's item, and they would be in each other's way. */
  #storing: Promise<unknown> = Promise.resolve();
  #used: boolean;

  /** `signal` aborts when the parent is to stop: cancelled, fenced, or its machine goes away. */
  constructor(ports: ChildPorts, job: Job, signal: AbortSignal) {
    this.#ports = ports;
    this.#job = job;
    this.#signal = AbortSignal.any([signal, this.#closed.signal]);
    this.#ends = new ChildEnds(ports, job, this.#signal);
    this.#used = job.attempts > 1;
    this.#maps = new ChildMaps({
      registry: ports.registry,
      parent: job,
      signal: this.#signal,
      run: (order, over) => this.#run(order, over),
    });
  }

  map<Item>(items: readonly Item[], plan: ChildPlan<Item>): AsyncIterable<ChildEnd> {
    this.#used = true;
    return this.#maps.map(items, plan);
  }

  /** The tool has ended or goes elsewhere: none is started from now on. Those at work go on. */
  async close(): Promise<void> {
    this.#closed.abort(new Error("The tool has ended."));
    await this.#storing;
  }

  /** Cancels what the tool has left at work; after `close`. */
  async cancel(): Promise<void> {
    if (this.#used) await cancelChildren(this.#ports, this.#job);
  }

  async #run(order: ChildOrder, over: AbortSignal): Promise<ChildEnd> {
    const child = await this.#toJob(order);
    const ended = this.#ends.wait(child.id);
    try {
      const stored = await this.#store(child);
      if (isTerminal(stored.state)) return toChildEnd(stored);
      const isIdle = stored.state === "queued" && !isUnderWay(stored, this.#ports.clock.now());
      if (isIdle) await bringToWorker(this.#ports, stored);
      return toChildEnd(await Promise.race([ended, rejected(over)]));
    } finally {
      this.#ends.forget(child.id);
      await this.#leave(child, over);
    }
  }

  /** Nobody wants this child's end any more, though the parent goes on. */
  async #leave({ id, principal }: ChildJob, over: AbortSignal): Promise<void> {
    if (over.aborted && !this.#signal.aborted) await cancelJob(this.#ports, principal.tenant, id);
  }

  async #toJob({ tool, sent, step, index }: ChildOrder): Promise<ChildJob> {
    const { id: parent, principal, expiresAt } = this.#job;
    const callKey = await toChildKey(this.#job, { tool: tool.name, sent, step, index });
    const now = this.#ports.clock.now();
    return {
      id: `task_${callKey.slice(0, 32)}`,
      principal,
      tool: tool.name,
      input: sent,
      callKey,
      state: "queued",
      fence: 0,
      attempts: 0,
      leaseUntil: 0,
      cancelRequested: false,
      createdAt: now,
      updatedAt: now,
      expiresAt,
      asks: [],
      inputs: [],
      parent: { id: parent, index, depth: childDepth(this.#job), after: this.#ends.last },
    };
  }

  #store(child: ChildJob): Promise<Job> {
    const stored = this.#storing.then(() => this.#storeNext(child));
    this.#storing = stored.catch(() => undefined);
    return stored;
  }

  async #storeNext(child: ChildJob): Promise<Job> {
    this.#signal.throwIfAborted();
    const { jobs } = this.#ports;
    const { tenant } = child.principal;
    this.#stored ??= new Set(await jobs.children(tenant, this.#job.id));
    if (this.#stored.has(child.id)) {
      const before = await jobs.get(tenant, child.id);
      if (before) return before;
    } else if (this.#stored.size >= MAX_CHILDREN) throw tooManyChildren();
    const stored = await jobs.createChild(child, this.#lease());
    // Cancelled or fenced: the heartbeat is about to say which.
    if (!stored) return rejected(this.#signal);
    this.#stored.add(child.id);
    return stored;
  }

  #lease(): Lease {
    return { tenant: this.#job.principal.tenant, id: this.#job.id, fence: this.#job.fence };
  }
}

/** Rejects with the signal's reason. */
function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
