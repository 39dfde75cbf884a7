import { worker } from "../../stacks/shape.ts";
import { Agenda } from "./agenda.ts";
import type { Usage } from "./cost.ts";
import { Day } from "./day.ts";
import { Fleet } from "./fleet.ts";
import { Held } from "./held.ts";
import type { LaunchQuotas } from "./launches.ts";
import { HELD_FIGURES, LAMBDA_MS, OPERATION_FIGURES } from "./measured.ts";
import type { FleetSettings, Mix, StreamSettings } from "./mix.ts";
import { Peaks } from "./peaks.ts";
import { DAYS_A_MONTH } from "./prices.ts";
import { Random } from "./random.ts";
import { Tenants } from "./tenants.ts";
import { NO_TRAFFIC, plus, type Second, Traffic } from "./traffic.ts";

export interface Quotas extends LaunchQuotas {
  /** Invocations at a time, of the account in one region. */
  readonly lambdas: number;
}

export interface Scenario {
  readonly seed: number;
  readonly mix: Mix;
  readonly fleet: FleetSettings;
  readonly streams: StreamSettings;
  readonly quotas: Quotas;
  /** Seconds since midnight. */
  readonly from: number;
  readonly to: number;
  /** From here on peaks count; before it things settle. */
  readonly measureFrom: number;
}

export interface Outcome {
  readonly peaks: Peaks;
  readonly fleet: Fleet;
  readonly held: Held;
  /** Short requests and streams that found no Lambda. */
  readonly throttled: number;
  readonly requests: number;
  /** What a month of such days takes. */
  readonly month: Usage;
  readonly busiestShare: number;
}

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const MIB_A_GB = 1024;
const KB_A_GB = 1e6;

/** One deployment for some hours: second by second what is short, event by event what lasts. */
export class Simulation {
  readonly #scenario: Scenario;
  readonly #agenda: Agenda;
  readonly #day: Day;
  readonly #tenants: Tenants;
  readonly #random: Record<"jobs" | "sessions" | "busiest" | "lambda", Random>;
  readonly #traffic: Traffic;
  readonly #held: Held;
  readonly #fleet: Fleet;
  readonly #peaks: Peaks;
  #sum: Second = NO_TRAFFIC;
  #throttled = 0;
  #launchesBefore = 0;

  constructor(scenario: Scenario) {
    const { seed, mix, from } = scenario;
    const random = new Random(seed);
    this.#scenario = scenario;
    this.#agenda = new Agenda(from);
    this.#day = new Day(mix.peak);
    this.#tenants = new Tenants(mix.tenants, mix.tenantTail);
    this.#random = {
      jobs: random.stream("jobs"),
      sessions: random.stream("sessions"),
      busiest: random.stream("busiest"),
      lambda: random.stream("lambda"),
    };
    this.#traffic = new Traffic(mix, this.#day, random.stream("traffic"));
    this.#held = new Held(this.#agenda, this.#tenants.busiest);
    this.#fleet = new Fleet(this.#agenda, random.stream("fleet"), {
      settings: scenario.fleet,
      quotas: scenario.quotas,
    });
    this.#peaks = new Peaks();
  }

  run(): Outcome {
    const { from, to, measureFrom } = this.#scenario;
    for (let second = from; second < to; second += 1) {
      if (second === measureFrom) this.#forgetPeaks();
      this.#begin(second);
      this.#agenda.run(second + 1);
      this.#count(second);
    }
    this.#fleet.settle();
    return {
      peaks: this.#peaks,
      fleet: this.#fleet,
      held: this.#held,
      throttled: this.#throttled,
      requests: this.#sum.calls,
      month: this.#toMonth(),
      busiestShare: this.#tenants.busiestShare,
    };
  }

  /** What arrives in this second and lasts, each at a moment of its own. */
  #begin(second: number): void {
    const { mix } = this.#scenario;
    const rate = (this.#day.at(second + 0.5) * mix.tenants) / DAY_S;
    const arrive = (perDay: number, random: Random, arrival: (tenant: number) => void) => {
      for (let count = random.poisson(perDay * rate); count > 0; count -= 1) {
        const tenant = this.#tenants.pick(random);
        this.#agenda.at(second + random.next(), () => arrival(tenant));
      }
    };
    const { jobs, sessions } = this.#random;
    arrive(mix.workerCalls / mix.together, jobs, (tenant) => this.#callSome(tenant));
    arrive(mix.sessions, sessions, (tenant) => this.#openSession(tenant));
    arrive(mix.listens, sessions, (tenant) => {
      this.#hold("listens", tenant, sessions.exponential(mix.listenMinutes * 60));
    });
  }

  #openSession(tenant: number): void {
    const { mix } = this.#scenario;
    const { sessions } = this.#random;
    const seconds = sessions.exponential(mix.sessionMinutes * 60);
    const subscribes = sessions.chance(mix.subscribedShare);
    this.#hold(subscribes ? "ownStreams" : "idleSessions", tenant, seconds);
  }

  #hold(kind: "listens" | "ownStreams" | "idleSessions", tenant: number, seconds: number): void {
    const isLambda = kind !== "idleSessions";
    if (isLambda && this.#held.lambdas >= this.#scenario.quotas.lambdas) this.#throttled += 1;
    else this.#held.hold(kind, tenant, seconds);
  }

  /** Whoever has work for a worker has some more of it soon: a geometric number of calls. */
  #callSome(tenant: number): void {
    const { together, apartSeconds } = this.#scenario.mix;
    this.#call(tenant);
    const { jobs } = this.#random;
    if (!jobs.chance(1 - 1 / together)) return;
    this.#agenda.in(jobs.exponential(apartSeconds), () => this.#callSome(tenant));
  }

  /** A call that goes to a worker: its jobs, and the client that waits for the last of them. */
  #call(tenant: number): void {
    const { mix, quotas } = this.#scenario;
    const { jobs } = this.#random;
    if (this.#held.lambdas >= quotas.lambdas) {
      this.#throttled += 1;
      return;
    }
    const stop = jobs.chance(mix.streamedShare) ? this.#held.follow() : this.#held.poll();
    let left = mix.fanOut;
    const onEnd = () => {
      left -= 1;
      if (left === 0) stop();
    };
    const works = Array.from({ length: mix.fanOut }, () => jobs.pareto(mix.jobSeconds));
    for (const seconds of works) this.#fleet.submit(tenant, seconds, onEnd);
    const figures = OPERATION_FIGURES["workspace_report, on a worker"];
    this.#add(plus(NO_TRAFFIC, { figures, seconds: 0, headReads: 1 }, mix.fanOut));
  }

  /** Everything that this second took. */
  #count(second: number): void {
    const { streams, quotas } = this.#scenario;
    const short = this.#traffic.in(second);
    const again = this.#random.lambda.poisson(this.#held.requestsPerSecond(streams));
    const looked = plus(short, LOOK, again);
    const inFlight = this.#random.lambda.poisson(looked.lambdaSeconds);
    const over = Math.max(0, this.#held.lambdas + inFlight - quotas.lambdas);
    if (over > 0) this.#throttled += Math.min(looked.calls, (looked.calls * over) / inFlight);
    const { wru } = HELD_FIGURES["and a worker at work, its task unheard of"];
    const heldNow = {
      ...NO_TRAFFIC,
      rru: this.#held.rruPerSecond(),
      wru: (this.#fleet.atWork.value * wru) / 60,
      lambdaSeconds: this.#held.lambdas,
    };
    this.#add(looked);
    this.#add(heldNow);
    const busiest = this.#random.busiest.poisson(looked.headReads * this.#tenants.busiestShare);
    this.#peaks.endSecond({
      lambdas: this.#held.lambdas + inFlight,
      heldLambdas: this.#held.lambdas,
      busiestHeadReads: busiest + this.#held.busiestOwnStreams.value,
      busiestChangeReads: this.#held.busiestListens.value,
      waiting: this.#fleet.waiting,
      launches: this.#launchesSince(),
    });
  }

  #launchesSince(): number {
    const { requests } = this.#fleet.launches;
    const since = requests - this.#launchesBefore;
    this.#launchesBefore = requests;
    return since;
  }

  #add(more: Second): void {
    this.#sum = sumOf(this.#sum, more);
    this.#peaks.add(more);
  }

  #forgetPeaks(): void {
    this.#peaks.reset();
    const { vcpus, tasks } = this.#fleet.launches;
    const { atWork } = this.#fleet;
    const gauges = [...this.#held.gauges, vcpus.spot, vcpus.onDemand, tasks, atWork];
    for (const gauge of gauges) gauge.resetMax();
  }

  #toMonth(): Usage {
    const { from, to, mix } = this.#scenario;
    const factor = DAYS_A_MONTH / this.#day.share(from, to);
    const times = (usage: Usage): Usage =>
      Object.fromEntries(Object.entries(usage).map(([item, units]) => [item, units * factor]));
    return { ...times({ ...this.#requestUsage(), ...this.#workerUsage() }), ...storageOf(mix) };
  }

  #requestUsage(): Usage {
    const { mix, streams } = this.#scenario;
    const { calls, rru, wru, s3Reads, s3Writes, lambdaSeconds } = this.#sum;
    const reapers = this.#fleet.launched;
    const reaperGbSeconds = reapers * (LAMBDA_MS.reaper / 1000) * REAPER_GB;
    return {
      apiRequests: calls,
      frontRequests: calls,
      edgeRequests: calls,
      frontGb: (calls * mix.answerKb) / KB_A_GB,
      lambdaRequests: calls + reapers,
      lambdaGbSeconds: lambdaSeconds * streams.memoryGb + reaperGbSeconds,
      rru,
      wru,
      s3Reads,
      s3Writes,
      logGb: (calls * mix.logKb) / KB_A_GB,
    };
  }

  #workerUsage(): Usage {
    const { vcpu, memoryGb, diskGb } = this.#scenario.fleet;
    const spot = this.#fleet.paidSeconds.spot / HOUR_S;
    const onDemand = this.#fleet.paidSeconds.onDemand / HOUR_S;
    return {
      spotVcpuHours: spot * vcpu,
      spotMemoryGbHours: spot * memoryGb,
      vcpuHours: onDemand * vcpu,
      memoryGbHours: onDemand * memoryGb,
      diskGbHours: (spot + onDemand) * Math.max(0, diskGb - FREE_DISK_GB),
      addressHours: spot + onDemand,
      // Each refused launch is sent to the queue, received and deleted.
      sqsRequests: 3 * Object.values(this.#fleet.launches.refused).reduce((a, b) => a + b, 0),
    };
  }
}

const REAPER_GB = 0.25;
const FREE_DISK_GB = 20;

/** A request that looks in or opens a stream again: it reads its session or job. */
const LOOK = {
  figures: OPERATION_FIGURES["legacy notification"],
  seconds: LAMBDA_MS.call / 1000,
  headReads: 0,
} as const;

function sumOf(a: Second, b: Second): Second {
  return {
    rru: a.rru + b.rru,
    wru: a.wru + b.wru,
    s3Reads: a.s3Reads + b.s3Reads,
    s3Writes: a.s3Writes + b.s3Writes,
    calls: a.calls + b.calls,
    lambdaSeconds: a.lambdaSeconds + b.lambdaSeconds,
    headReads: a.headReads + b.headReads,
  };
}

function storageOf({ tenants, itemMb, packMb }: Mix): Usage {
  const tableGb = (tenants * itemMb) / MIB_A_GB;
  return {
    tableGb,
    backupGb: tableGb,
    s3Gb: (tenants * packMb) / MIB_A_GB,
    users: tenants,
  };
}

/** The worker as the stacks make it. */
export const WORKER_SIZE = {
  vcpu: worker.cpuUnits / 1024,
  memoryGb: worker.memoryMb / 1024,
  diskGb: worker.storageGb,
} as const;
