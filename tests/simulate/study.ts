import { DEFAULT_LIMITS } from "@zenode/core/mcp";
import { functions } from "../../stacks/shape.ts";
import { type BreakingPoint, findBreakingPoints } from "./breaking-points.ts";
import { byService, type Cost, toCost } from "./cost.ts";
import { Day } from "./day.ts";
import { DEFAULT_QUOTAS, UNLIMITED } from "./limits.ts";
import { DEFAULT_FLEET, type FleetSettings, type Mix, type StreamSettings } from "./mix.ts";
import { type Outcome, type Quotas, type Scenario, Simulation, WORKER_SIZE } from "./simulation.ts";
import { type Spread, toSpread } from "./waits.ts";

export interface StudyOptions {
  readonly seed: number;
  readonly hours: number;
  readonly mix: Mix;
  readonly fleet: Partial<FleetSettings>;
  readonly streams: Partial<StreamSettings>;
  /** What is granted, where it is not AWS's default. */
  readonly quotas: Partial<Quotas>;
  /** How often tenants are doubled, from a 256th of those asked for; 0: not at all. */
  readonly doublings: number;
  readonly alternatives: boolean;
}

export interface Service {
  readonly name: string;
  readonly waits: Spread;
  readonly created: number;
  readonly ended: number;
  readonly waiting: number;
  readonly mostWaiting: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly throttled: number;
  readonly requests: number;
}

export interface Alternative {
  readonly name: string;
  readonly dollars: number;
  readonly waits: Spread;
  readonly warmShare: number;
}

export interface Study {
  readonly scenario: Scenario;
  readonly demand: Outcome;
  readonly cost: Cost;
  readonly services: ReturnType<typeof byService>;
  readonly granted: readonly Service[];
  readonly breakingPoints: readonly BreakingPoint[];
  readonly alternatives: readonly Alternative[];
}

const HOUR_S = 3600;

/** Everything `npm run simulate` says, from one seed. */
export function makeStudy(options: StudyOptions): Study {
  const scenario = toScenario(options);
  const unlimited = { ...scenario, quotas: UNLIMITED };
  const demand = new Simulation(unlimited).run();
  const cost = toCost(demand.month);
  const { peakAt } = new Day(options.mix.peak);
  const from = Math.max(1, Math.round(options.mix.tenants / 256));
  return {
    scenario,
    demand,
    cost,
    services: byService(cost),
    granted: [
      toService("as granted", new Simulation(scenario).run()),
      toService("raised, twice the peak", new Simulation(withRoom(scenario, demand)).run()),
    ],
    breakingPoints:
      options.doublings > 0
        ? findBreakingPoints(scenario, { from, times: options.doublings }, peakAt)
        : [],
    alternatives: options.alternatives ? compare(unlimited) : [],
  };
}

function toScenario({ seed, hours, mix, fleet, streams, quotas }: StudyOptions): Scenario {
  const { listenMs, ownStreamMs, ownRetryMs } = DEFAULT_LIMITS;
  const day = new Day(mix.peak);
  // Less than a day is the time around its peak; whole days begin at night, when little is under way.
  const from = hours < 24 ? Math.round(day.peakAt - (hours * HOUR_S) / 2) : 2 * HOUR_S;
  return {
    seed,
    mix,
    fleet: { ...DEFAULT_FLEET, ...WORKER_SIZE, ...fleet },
    streams: {
      listenMs,
      ownStreamMs,
      ownRetryMs,
      memoryGb: functions.mcp.memoryMb / 1024,
      ...streams,
    },
    quotas: { ...DEFAULT_QUOTAS, ...quotas },
    from,
    measureFrom: from,
    to: from + Math.round(hours * HOUR_S),
  };
}

/** Quotas of twice what the busiest moment asked for, and no less than the default. */
function withRoom(scenario: Scenario, { peaks, fleet }: Outcome): Scenario {
  const { quotas } = scenario;
  const room = (peak: number, granted: number) => Math.max(granted, Math.ceil(2 * peak));
  const rate = room(peaks.of("launches"), quotas.runTask.perSecond);
  const vcpus = fleet.launches.vcpus;
  return {
    ...scenario,
    quotas: {
      runTask: { burst: rate, perSecond: rate },
      launches: quotas.launches,
      vcpus: {
        spot: room(vcpus.spot.max, quotas.vcpus.spot),
        onDemand: room(vcpus.onDemand.max, quotas.vcpus.onDemand),
      },
      addresses: quotas.addresses,
      lambdas: room(peaks.of("lambdas"), quotas.lambdas),
    },
  };
}

function toService(name: string, { fleet, peaks, throttled, requests }: Outcome): Service {
  const { created, ended, waiting, waits, launches } = fleet;
  return {
    name,
    waits: toSpread([...waits, ...fleet.waitsSoFar()]),
    created,
    ended,
    waiting,
    mostWaiting: peaks.of("waiting"),
    refused: launches.refused,
    throttled,
    requests,
  };
}

/** The choices that matter, one changed at a time, over the same arrivals. */
function compare(scenario: Scenario): readonly Alternative[] {
  const { fleet, streams, mix } = scenario;
  const withFleet = (change: Partial<FleetSettings>) => ({
    ...scenario,
    fleet: { ...fleet, ...change },
  });
  const withStreams = (change: Partial<StreamSettings>) => ({
    ...scenario,
    streams: { ...streams, ...change },
  });
  const withMix = (change: Partial<Mix>) => ({ ...scenario, mix: { ...mix, ...change } });
  const scenarios: readonly (readonly [string, Scenario])[] = [
    ["as it is", scenario],
    ["no warm workers", withFleet({ warm: false })],
    ["linger 5 minutes", withFleet({ lingerSeconds: 300 })],
    ["linger 15 minutes", withFleet({ lingerSeconds: 900 })],
    ["no Spot", withFleet({ spotShare: 0 })],
    ["checkpoints every minute", withFleet({ checkpointSeconds: 60 })],
    ["Spot interrupted once an hour", withFleet({ interruptionsPerHour: 1 })],
    ["the same with checkpoints", withFleet({ interruptionsPerHour: 1, checkpointSeconds: 60 })],
    ["streams end after 1 minute", withStreams({ listenMs: 60_000 })],
    ["Lambda of 512 MB", withStreams({ memoryGb: 0.5 })],
    ["idle sessions look in each 120 s", withStreams({ ownRetryMs: 120_000 })],
    ["every client asks tasks/get", withMix({ streamedShare: 0 })],
    ["nobody holds listen", withMix({ listens: 0 })],
  ];
  return scenarios.map(([name, each]) => {
    const outcome = new Simulation(each).run();
    const { waits, warmStarts, created } = outcome.fleet;
    const { dollars, free } = toCost(outcome.month);
    const warmShare = created > 0 ? warmStarts / created : 0;
    return { name, dollars: dollars - free, waits: toSpread(waits), warmShare };
  });
}
