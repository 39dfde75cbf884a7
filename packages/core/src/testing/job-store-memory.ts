import type { Principal } from "../access/principal.ts";
import { type Checkpoint, toCheckpointText } from "../burst/checkpoint.ts";
import type { Lease } from "../burst/job.ts";
import { isParked, isTerminal, type Job, type JobId, type JobState } from "../burst/job.ts";
import {
  answerInputs,
  changeInputs,
  closeInputs,
  type InputAnswers,
  type InputChange,
} from "../burst/job-inputs.ts";
import {
  type Beat,
  type ChildJob,
  type Claim,
  JOBS_PER_TENANT,
  type JobEnd,
  type JobStore,
  type LostWorker,
  tooManyJobs,
} from "../burst/job-store.ts";
import { isOwn } from "../burst/own-job.ts";
import { answersAgain } from "../burst/repeat-policy.ts";
import type { Clock } from "../lib/clock.ts";
import type { Json } from "../lib/json.ts";

interface Stored {
  readonly job: Job;
  /** The fence of the lease that ended it; nobody's when it ended otherwise. */
  readonly finishedFence?: number;
  /** Workers that were lost before they claimed. */
  readonly lost?: readonly string[];
}

type Change = Partial<Omit<Job, "checkpoint">> & { readonly checkpoint?: Json | undefined };

const HELD: readonly JobState[] = ["claimed", "running", "input_required"];
/** An ended job needs neither. */
const ENDED = { inputs: [], checkpoint: undefined };
const TO_QUEUE = { state: "queued", leaseUntil: 0 } as const;

/** JobStore in this process's memory: each method runs without a pause, so it is atomic. */
export class MemoryJobStore implements JobStore {
  readonly #jobs = new Map<string, Stored>();
  readonly #calls = new Map<string, JobId>();
  readonly #clock: Pick<Clock, "now">;
  readonly #jobsPerTenant: number;

  constructor(clock: Pick<Clock, "now">, jobsPerTenant = JOBS_PER_TENANT) {
    this.#clock = clock;
    this.#jobsPerTenant = jobsPerTenant;
  }

  async create(job: Job): Promise<{ readonly created: boolean; readonly job: Job }> {
    const { tenant } = job.principal;
    const call = key(tenant, job.callKey);
    const same = this.#live(tenant, job.id, this.#clock.now())?.job;
    const holder = this.#calls.get(call);
    const found = holder && this.#live(tenant, holder, this.#clock.now())?.job;
    if (found && (!isTerminal(found.state) || answersAgain(found, job, this.#clock.now()))) {
      return { created: found.id === job.id, job: found };
    }
    if (same) return { created: true, job: same };
    const open = this.#of(tenant).filter(({ state }) => !isTerminal(state));
    if (open.length >= this.#jobsPerTenant) throw tooManyJobs(this.#jobsPerTenant);
    this.#calls.set(call, job.id);
    this.#jobs.set(key(tenant, job.id), { job: structuredClone(job) });
    return { created: true, job };
  }

  async list(owner: Pick<Principal, "tenant" | "subject">, limit: number): Promise<readonly Job[]> {
    return this.#of(owner.tenant)
      .filter((job) => isOwn(job, owner))
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  async noteLaunch(
    { id, principal, attempts }: Pick<Job, "id" | "principal" | "attempts">,
    awaitedUntil: number,
  ): Promise<void> {
    const stored = this.#live(principal.tenant, id, this.#clock.now());
    if (stored?.job.state !== "queued" || stored.job.attempts !== attempts) return;
    const job = { ...stored.job, awaitedUntil };
    this.#jobs.set(key(principal.tenant, id), { ...stored, job });
  }

  async freeSlot(): Promise<void> {
    // Slots are counted here, not kept: an ended job holds none.
  }

  async keep(job: Job): Promise<void> {
    const { tenant } = job.principal;
    if (this.#live(tenant, job.id, this.#clock.now())) return;
    this.#jobs.set(key(tenant, job.id), { job: structuredClone(job) });
  }

  createChild(job: ChildJob, lease: Lease): Promise<Job | undefined> {
    const now = this.#clock.now();
    const parent = this.#held(lease, now)?.job;
    if (!parent || parent.cancelRequested) return Promise.resolve(undefined);
    const { tenant } = job.principal;
    const same = this.#live(tenant, job.id, now)?.job;
    if (same) return Promise.resolve(same);
    this.#jobs.set(key(tenant, job.id), { job: structuredClone(job) });
    return Promise.resolve(job);
  }

  children(tenant: string, parent: JobId): Promise<readonly JobId[]> {
    const ids = [...this.#jobs.values()]
      .filter(({ job }) => job.principal.tenant === tenant && job.parent?.id === parent)
      .filter(({ job }) => job.expiresAt > this.#clock.now())
      .map(({ job }) => job.id);
    return Promise.resolve(ids);
  }

  get(tenant: string, id: JobId): Promise<Job | undefined> {
    return Promise.resolve(this.#live(tenant, id, this.#clock.now())?.job);
  }

  claim(tenant: string, id: JobId, { worker, leaseUntil, now }: Claim): Promise<Job | undefined> {
    const stored = this.#live(tenant, id, now);
    if (stored?.job.state !== "queued") return Promise.resolve(undefined);
    const { awaitedUntil: _, ...job } = stored.job;
    const { fence, attempts } = job;
    return Promise.resolve(
      this.#change({ ...stored, job }, now, {
        state: "claimed",
        worker,
        leaseUntil,
        fence: fence + 1,
        attempts: attempts + 1,
      }),
    );
  }

  countLost(tenant: string, id: JobId, { worker, now }: LostWorker): Promise<Job | undefined> {
    const stored = this.#live(tenant, id, now);
    if (stored?.job.state !== "queued") return Promise.resolve(undefined);
    if (stored.lost?.includes(worker)) return Promise.resolve(stored.job);
    const { awaitedUntil: _, ...job } = stored.job;
    const counted = { ...stored, job, lost: [...(stored.lost ?? []), worker] };
    return Promise.resolve(this.#change(counted, now, { attempts: job.attempts + 1 }));
  }

  start(lease: Lease, now: number): Promise<boolean> {
    const state = this.#held(lease, now)?.job.state;
    if (state === "input_required") return Promise.resolve(false);
    return this.#changeHeld(lease, now, { state: "running" });
  }

  async heartbeat(lease: Lease, leaseUntil: number, now: number): Promise<Beat | undefined> {
    const held = this.#held(lease, now);
    if (!held) return undefined;
    const { cancelRequested, inputs } = this.#change(held, now, { leaseUntil });
    return { cancelRequested, inputs };
  }

  async ask(lease: Lease, change: InputChange, now: number): Promise<boolean> {
    const held = this.#held(lease, now);
    if (!held || held.job.state === "claimed") return false;
    this.#change(held, now, structuredClone(changeInputs(held.job, change)));
    return true;
  }

  async answer(
    tenant: string,
    id: JobId,
    answers: InputAnswers,
    now: number,
  ): Promise<Job | undefined> {
    const stored = this.#live(tenant, id, now);
    const isOpen = stored && !isTerminal(stored.job.state);
    const next = isOpen ? answerInputs(stored.job, answers) : undefined;
    return stored && next ? this.#change(stored, now, structuredClone(next)) : stored?.job;
  }

  async checkpoint(lease: Lease, { state, closes }: Checkpoint, now: number): Promise<boolean> {
    const checkpoint = JSON.parse(toCheckpointText(state)) as Json;
    const held = this.#held(lease, now);
    if (!held) return false;
    const { attempts } = held.job;
    this.#change(held, now, {
      ...closeInputs(held.job, closes),
      attemptsAtProgress: attempts,
      checkpoint,
    });
    return true;
  }

  async park(lease: Lease, now: number): Promise<boolean> {
    const stored = this.#live(lease.tenant, lease.id, now);
    if (!stored) return false;
    const { job } = stored;
    if (isParked(job)) return job.fence === lease.fence + 1;
    if (job.state !== "input_required" || job.fence !== lease.fence) return false;
    const { fence, attempts, parks = 0 } = job;
    const parked = { leaseUntil: 0, attemptsAtProgress: attempts };
    this.#change(stored, now, { ...parked, fence: fence + 1, parks: parks + 1 });
    return true;
  }

  async finish(lease: Lease, end: JobEnd, now: number): Promise<boolean> {
    const held = this.#held(lease, now);
    if (held) {
      const ended = { ...structuredClone(end), ...ENDED };
      this.#change({ ...held, finishedFence: lease.fence }, now, ended);
      return true;
    }
    const ended = this.#live(lease.tenant, lease.id, now);
    return ended?.finishedFence === lease.fence && ended.job.state === end.state;
  }

  async release(lease: Lease, now: number): Promise<boolean> {
    if (await this.#changeHeld(lease, now, TO_QUEUE)) return true;
    const job = this.#live(lease.tenant, lease.id, now)?.job;
    return job?.state === "queued" && job.fence === lease.fence;
  }

  expire(lease: Lease, end: JobEnd | undefined, now: number): Promise<boolean> {
    if (!end) return this.#changeHeld(lease, now, TO_QUEUE);
    const stored = this.#live(lease.tenant, lease.id, now);
    if (!stored || isTerminal(stored.job.state) || stored.job.fence !== lease.fence) {
      return Promise.resolve(false);
    }
    this.#change(stored, now, { ...structuredClone(end), ...ENDED });
    return Promise.resolve(true);
  }

  cancel(tenant: string, id: JobId, now: number): Promise<Job | undefined> {
    const stored = this.#live(tenant, id, now);
    if (!stored || isTerminal(stored.job.state)) return Promise.resolve(stored?.job);
    const isFree = stored.job.state === "queued" || isParked(stored.job);
    const change = isFree ? ({ state: "cancelled", ...ENDED } as const) : {};
    return Promise.resolve(this.#change(stored, now, { ...change, cancelRequested: true }));
  }

  #of(tenant: string): readonly Job[] {
    const now = this.#clock.now();
    return [...this.#jobs.values()]
      .map(({ job }) => job)
      .filter(({ principal, expiresAt }) => principal.tenant === tenant && expiresAt > now);
  }

  #live(tenant: string, id: JobId, now: number): Stored | undefined {
    const stored = this.#jobs.get(key(tenant, id));
    return stored && stored.job.expiresAt > now ? stored : undefined;
  }

  #held(lease: Lease, now: number): Stored | undefined {
    const stored = this.#live(lease.tenant, lease.id, now);
    const holds = stored && HELD.includes(stored.job.state) && stored.job.fence === lease.fence;
    return holds ? stored : undefined;
  }

  #changeHeld(lease: Lease, now: number, change: Partial<Job>): Promise<boolean> {
    const held = this.#held(lease, now);
    if (held) this.#change(held, now, change);
    return Promise.resolve(held !== undefined);
  }

  #change(stored: Stored, now: number, change: Change): Job {
    const { checkpoint, ...rest } = { ...stored.job, ...change, updatedAt: now };
    const job: Job = { ...rest, ...(checkpoint !== undefined && { checkpoint }) };
    this.#jobs.set(key(job.principal.tenant, job.id), { ...stored, job });
    return job;
  }
}

function key(tenant: string, name: string): string {
  return JSON.stringify([tenant, name]);
}
