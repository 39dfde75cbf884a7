import { Gauge } from "./gauge.ts";
import { type Rate, TokenBucket } from "./token-bucket.ts";

export type Provider = "spot" | "onDemand";

/** What AWS lets an account start and keep, in one region. Infinity where a limit is not to count. */
export interface LaunchQuotas {
  readonly runTask: Rate;
  readonly launches: Readonly<Record<Provider, Rate>>;
  readonly vcpus: Readonly<Record<Provider, number>>;
  /** Addresses in the subnets, one a task. */
  readonly addresses: number;
}

export type Refusal = "RunTask rate" | "launch rate" | "vCPU quota" | "addresses";

/** RunTask as the launcher asks it: Spot first, on demand where Spot has no place; a throttle is final. */
export class Launches {
  readonly #quotas: LaunchQuotas;
  readonly #vcpu: number;
  readonly #runTask: TokenBucket;
  readonly #buckets: Readonly<Record<Provider, TokenBucket>>;
  readonly vcpus: Readonly<Record<Provider, Gauge>>;
  readonly tasks: Gauge;
  readonly refused: Record<Refusal, number> = {
    "RunTask rate": 0,
    "launch rate": 0,
    "vCPU quota": 0,
    addresses: 0,
  };
  /** RunTask requests that were made. */
  requests = 0;

  constructor(quotas: LaunchQuotas, vcpu: number, start: number) {
    this.#quotas = quotas;
    this.#vcpu = vcpu;
    this.#runTask = new TokenBucket(quotas.runTask, start);
    this.#buckets = {
      spot: new TokenBucket(quotas.launches.spot, start),
      onDemand: new TokenBucket(quotas.launches.onDemand, start),
    };
    this.vcpus = { spot: new Gauge(start), onDemand: new Gauge(start) };
    this.tasks = new Gauge(start);
  }

  start(now: number, spotHasPlace: boolean): Provider | Refusal {
    const asked = this.#ask("spot", now, spotHasPlace);
    const provider = asked === "vCPU quota" ? this.#ask("onDemand", now, true) : asked;
    if (provider === "spot" || provider === "onDemand") {
      this.vcpus[provider].add(this.#vcpu, now);
      this.tasks.add(1, now);
    } else {
      this.refused[provider] += 1;
    }
    return provider;
  }

  stop(provider: Provider, now: number): void {
    this.vcpus[provider].add(-this.#vcpu, now);
    this.tasks.add(-1, now);
  }

  /** When a rate, if it was that, lets the next one through. */
  readyAt(now: number): number {
    return Math.max(this.#runTask.readyAt(now), this.#buckets.spot.readyAt(now));
  }

  /** No place on Spot and a full quota look the same to the launcher. */
  #ask(provider: Provider, now: number, hasPlace: boolean): Provider | Refusal {
    this.requests += 1;
    if (!this.#runTask.take(now)) return "RunTask rate";
    if (this.tasks.value >= this.#quotas.addresses) return "addresses";
    const isFull = this.vcpus[provider].value + this.#vcpu > this.#quotas.vcpus[provider];
    if (!hasPlace || isFull) return "vCPU quota";
    return this.#buckets[provider].take(now) ? provider : "launch rate";
  }
}
