import type { Agenda } from "./agenda.ts";
import { FairQueue } from "./fair-queue.ts";
import { Gauge } from "./gauge.ts";
import { Launches, type LaunchQuotas, type Provider, type Refusal } from "./launches.ts";
import type { FleetSettings } from "./mix.ts";
import type { Random } from "./random.ts";

export interface Job {
  readonly tenant: number;
  readonly arrived: number;
  /** Of work. */
  readonly seconds: number;
  /** Of work that is still to do. */
  remaining: number;
  startedAt?: number;
  readonly onEnd: () => void;
}

interface Worker {
  readonly tenant: number;
  readonly provider: Provider;
  readonly paidFrom: number;
  /** The job at hand, and since when. */
  running?: { readonly job: Job; readonly since: number };
  /** Counts its idle times, so that the end of an old one is told from that of the present one. */
  idleTurn: number;
}

const MINIMUM_PAID_S = 60;

/** Jobs, the workers they wait for, and what those cost. Everything here is an event on the agenda. */
export class Fleet {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #settings: FleetSettings;
  readonly #queue: FairQueue<Job>;
  readonly #workers = new Set<Worker>();
  readonly #idle = new Map<number, Worker[]>();
  readonly launches: Launches;
  /** Workers that have a job at hand. */
  readonly atWork: Gauge;
  #isWakeDue = false;

  /** Seconds from a job's arrival to its first line, for those that began. */
  readonly waits: number[] = [];
  readonly paidSeconds: Record<Provider, number> = { spot: 0, onDemand: 0 };
  busySeconds = 0;
  /** Of the busy seconds: those whose work was done again. */
  lostSeconds = 0;
  created = 0;
  ended = 0;
  launched = 0;
  warmStarts = 0;
  interruptions = 0;

  constructor(
    agenda: Agenda,
    random: Random,
    options: { readonly settings: FleetSettings; readonly quotas: LaunchQuotas },
  ) {
    this.#agenda = agenda;
    this.#random = random;
    this.#settings = options.settings;
    this.#queue = new FairQueue(options.settings.slots);
    this.atWork = new Gauge(agenda.now);
    this.launches = new Launches(options.quotas, options.settings.vcpu, agenda.now);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Jobs that a worker has, or that a worker that starts will have. */
  get inHand(): number {
    return this.created - this.ended - this.waiting;
  }

  submit(tenant: number, seconds: number, onEnd: () => void): void {
    this.created += 1;
    const arrived = this.#agenda.now;
    this.#queue.add({ tenant, arrived, seconds, remaining: seconds, onEnd });
    this.#hireIdle(tenant);
    this.#dispatch();
  }

  /** How long the jobs that have no worker yet have waited so far. */
  waitsSoFar(): readonly number[] {
    return [...this.#queue].flatMap(({ arrived, startedAt }) =>
      startedAt === undefined ? [this.#agenda.now - arrived] : [],
    );
  }

  /** Counts what runs now as far as it has come. For the end of a simulation. */
  settle(): void {
    const { now } = this.#agenda;
    for (const worker of this.#workers) {
      if (worker.running) this.busySeconds += now - worker.running.since;
      if (worker.paidFrom < now) this.paidSeconds[worker.provider] += this.#paid(worker);
    }
  }

  #hireIdle(tenant: number): void {
    const idle = this.#idle.get(tenant);
    if (!idle || idle.length === 0) return;
    const job = this.#queue.takeOf(tenant);
    const worker = job && idle.pop();
    if (worker) this.#startWarm(worker, job);
  }

  #startWarm(worker: Worker, job: Job): void {
    worker.idleTurn += 1;
    this.warmStarts += 1;
    this.#agenda.in(this.#settings.warmStartSeconds, () => this.#run(worker, job));
  }

  /** Starts workers while there are jobs and places; after a refusal nobody asks until the wake. */
  #dispatch(): void {
    while (this.#queue.hasReady && !this.#isWakeDue) {
      const { now } = this.#agenda;
      const provider = this.launches.start(now, this.#random.chance(this.#settings.spotShare));
      if (provider !== "spot" && provider !== "onDemand") {
        this.#tryAgain(provider);
        return;
      }
      const job = this.#queue.take();
      if (job) this.#hire(provider, job);
      else this.launches.stop(provider, now);
    }
  }

  /** Without a wake, the next worker that stops is the occasion. */
  #tryAgain(refusal: Refusal): void {
    const { now } = this.#agenda;
    const { retrySeconds } = this.#settings;
    const isRate = refusal === "RunTask rate" || refusal === "launch rate";
    if (retrySeconds > 0) this.#wakeAt(now + retrySeconds);
    else if (isRate) this.#wakeAt(this.launches.readyAt(now));
  }

  #wakeAt(time: number): void {
    this.#isWakeDue = true;
    this.#agenda.at(time, () => {
      this.#isWakeDue = false;
      this.#dispatch();
    });
  }

  #hire(provider: Provider, job: Job): void {
    const { startSeconds, paidStartShare } = this.#settings;
    const takes = this.#random.between(...startSeconds);
    const paidFrom = this.#agenda.now + takes * (1 - paidStartShare);
    const worker: Worker = { tenant: job.tenant, provider, paidFrom, idleTurn: 0 };
    this.#workers.add(worker);
    this.launched += 1;
    this.#agenda.in(takes, () => this.#run(worker, job));
  }

  #run(worker: Worker, job: Job): void {
    const { now } = this.#agenda;
    if (job.startedAt === undefined) {
      job.startedAt = now;
      this.waits.push(now - job.arrived);
    }
    worker.running = { job, since: now };
    this.atWork.add(1, now);
    const untilTaken = this.#untilInterrupted(worker);
    if (untilTaken < job.remaining) {
      this.#agenda.in(untilTaken, () => this.#interrupt(worker, job, untilTaken));
    } else {
      this.#agenda.in(job.remaining, () => this.#end(worker, job));
    }
  }

  #untilInterrupted({ provider }: Worker): number {
    const { interruptionsPerHour } = this.#settings;
    if (provider === "onDemand" || interruptionsPerHour === 0) return Number.POSITIVE_INFINITY;
    return this.#random.exponential(3600 / interruptionsPerHour);
  }

  #interrupt(worker: Worker, job: Job, ran: number): void {
    const { checkpointSeconds } = this.#settings;
    const kept = checkpointSeconds > 0 ? ran - (ran % checkpointSeconds) : 0;
    job.remaining -= kept;
    this.lostSeconds += ran - kept;
    this.busySeconds += ran;
    this.interruptions += 1;
    this.atWork.add(-1, this.#agenda.now);
    this.#stop(worker);
    this.#queue.end(job.tenant);
    this.#queue.add(job);
    this.#dispatch();
  }

  #end(worker: Worker, job: Job): void {
    this.busySeconds += job.remaining;
    this.ended += 1;
    this.atWork.add(-1, this.#agenda.now);
    delete worker.running;
    this.#queue.end(job.tenant);
    job.onEnd();
    this.#goOn(worker);
  }

  /** A worker's next job is its own tenant's; without one it lingers or stops. */
  #goOn(worker: Worker): void {
    const { warm, lingerSeconds } = this.#settings;
    const { now } = this.#agenda;
    const next = warm ? this.#queue.takeOf(worker.tenant) : undefined;
    if (next) {
      this.#startWarm(worker, next);
      return;
    }
    const until = warm ? Math.max(worker.paidFrom + MINIMUM_PAID_S, now + lingerSeconds) : now;
    if (until <= now) {
      this.#stop(worker);
      this.#dispatch();
      return;
    }
    this.#linger(worker, until);
  }

  #linger(worker: Worker, until: number): void {
    const idle = this.#idle.get(worker.tenant) ?? [];
    this.#idle.set(worker.tenant, idle);
    idle.push(worker);
    const turn = worker.idleTurn;
    this.#agenda.at(until, () => {
      if (worker.idleTurn !== turn) return;
      idle.splice(idle.indexOf(worker), 1);
      if (idle.length === 0 && this.#idle.get(worker.tenant) === idle) {
        this.#idle.delete(worker.tenant);
      }
      this.#stop(worker);
      this.#dispatch();
    });
  }

  #stop(worker: Worker): void {
    this.#workers.delete(worker);
    this.launches.stop(worker.provider, this.#agenda.now);
    this.paidSeconds[worker.provider] += this.#paid(worker);
  }

  #paid({ paidFrom }: Worker): number {
    return Math.max(MINIMUM_PAID_S, this.#agenda.now - paidFrom);
  }
}
