import { describe, expect, test } from "vitest";
import { Agenda } from "./agenda.ts";
import { Fleet } from "./fleet.ts";
import { UNLIMITED } from "./limits.ts";
import { DEFAULT_FLEET, type FleetSettings } from "./mix.ts";
import { Random } from "./random.ts";
import type { Quotas } from "./simulation.ts";
import { toSpread } from "./waits.ts";

/** Workers that start at once and end with their job, so that only places are scarce. */
const IDEAL: FleetSettings = {
  ...DEFAULT_FLEET,
  slots: Number.POSITIVE_INFINITY,
  warm: false,
  interruptionsPerHour: 0,
  retrySeconds: 0,
  startSeconds: [0, 0],
  warmStartSeconds: 0,
};

function places(count: number): Quotas {
  return { ...UNLIMITED, vcpus: { spot: count, onDemand: 0 } };
}

function setUp(settings: FleetSettings, quotas: Quotas = UNLIMITED, seed = 1) {
  const agenda = new Agenda();
  const fleet = new Fleet(agenda, new Random(seed), { settings, quotas });
  const done: number[] = [];
  const submitAt = (time: number, tenant: number, seconds: number) =>
    agenda.at(time, () => fleet.submit(tenant, seconds, () => done.push(tenant)));
  return { agenda, fleet, done, submitAt };
}

interface Station {
  readonly servers: number;
  readonly arrivalsPerSecond: number;
  readonly secondsOf: (random: Random) => number;
}

/** Mean wait of a queue with one class of jobs, and the part of its jobs that waited. */
function simulateStation({ servers, arrivalsPerSecond, secondsOf }: Station, jobs = 200_000) {
  const { agenda, fleet } = setUp(IDEAL, places(servers));
  const random = new Random(7);
  let left = jobs;
  const arrive = () => {
    fleet.submit(0, secondsOf(random), () => undefined);
    left -= 1;
    if (left > 0) agenda.in(random.exponential(1 / arrivalsPerSecond), arrive);
  };
  agenda.in(0, arrive);
  agenda.run();
  const waited = fleet.waits.filter((wait) => wait > 1e-9).length / jobs;
  return { mean: toSpread(fleet.waits).mean, waited };
}

describe("queues with a known answer", () => {
  test("M/M/1 at 80 %: a job of 1 s waits 4 s on the average, 80 % of jobs wait", () => {
    const station = {
      servers: 1,
      arrivalsPerSecond: 0.8,
      secondsOf: (r: Random) => r.exponential(1),
    };
    const { mean, waited } = simulateStation(station);
    expect(mean).toBeGreaterThan(3.8);
    expect(mean).toBeLessThan(4.2);
    expect(waited).toBeCloseTo(0.8, 2);
  });

  // Erlang C for 4 servers and 3.2 erlangs: 0.5964; the mean wait is that / (4 - 3.2) = 0.7455 s.
  test("M/M/4 at 80 %: 60 % of jobs wait, 0.75 s on the average", () => {
    const station = {
      servers: 4,
      arrivalsPerSecond: 3.2,
      secondsOf: (r: Random) => r.exponential(1),
    };
    const { mean, waited } = simulateStation(station);
    expect(waited).toBeGreaterThan(0.58);
    expect(waited).toBeLessThan(0.61);
    expect(mean).toBeGreaterThan(0.71);
    expect(mean).toBeLessThan(0.78);
  });

  // Pollaczek and Khinchine: 0.5 * 1 / (2 * (1 - 0.5)).
  test("M/D/1 at 50 %: half a second", () => {
    const { mean } = simulateStation({ servers: 1, arrivalsPerSecond: 0.5, secondsOf: () => 1 });
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
  });
});

describe("by hand", () => {
  test("two places, three jobs: the third waits for the first that ends", () => {
    const { agenda, fleet, submitAt } = setUp(IDEAL, places(2));
    submitAt(0, 0, 100);
    submitAt(10, 1, 30);
    submitAt(15, 2, 10);
    agenda.run();
    expect(fleet.waits).toEqual([0, 0, 25]);
    expect(agenda.now).toBe(100);
    expect(fleet.busySeconds).toBe(140);
  });

  test("a worker that starts for 60 s and works for 10 is paid from the pull, one minute at least", () => {
    const settings = { ...IDEAL, startSeconds: [60, 60] as const, paidStartShare: 0.5 };
    const { agenda, fleet, submitAt } = setUp(settings);
    submitAt(0, 0, 10);
    submitAt(0, 1, 100);
    agenda.run();
    expect(fleet.waits).toEqual([60, 60]);
    expect(fleet.paidSeconds).toEqual({ spot: 60 + 130, onDemand: 0 });
  });

  test("a warm worker takes its own tenant's next job in its paid minute, and nobody else's", () => {
    const settings = { ...IDEAL, warm: true, startSeconds: [40, 40] as const, warmStartSeconds: 1 };
    const { agenda, fleet, submitAt } = setUp({ ...settings, paidStartShare: 0 });
    submitAt(0, 0, 10);
    submitAt(60, 0, 5);
    submitAt(60, 1, 5);
    agenda.run();
    expect(fleet.waits).toEqual([40, 1, 40]);
    expect(fleet.launched).toBe(2);
    expect(fleet.warmStarts).toBe(1);
    expect(fleet.paidSeconds.spot).toBe(120);
  });

  test("lingering is paid for", () => {
    const settings = { ...IDEAL, warm: true, lingerSeconds: 300, paidStartShare: 0 };
    const { agenda, fleet, submitAt } = setUp(settings);
    submitAt(0, 0, 10);
    submitAt(200, 0, 10);
    agenda.run();
    expect(fleet.launched).toBe(1);
    expect(fleet.paidSeconds.spot).toBe(210 + 300);
  });

  test("a tenant's slots hold its jobs back, and nobody else's", () => {
    const { agenda, fleet, done, submitAt } = setUp({ ...IDEAL, slots: 1 });
    submitAt(0, 0, 100);
    submitAt(0, 0, 100);
    submitAt(0, 1, 10);
    agenda.run();
    expect(fleet.waits).toEqual([0, 0, 100]);
    expect(done).toEqual([1, 0, 0]);
  });

  test("tenants take turns, whoever came with more", () => {
    const { agenda, done, submitAt } = setUp(IDEAL, places(1));
    for (const tenant of [0, 0, 0, 0, 1, 2]) submitAt(0, tenant, 10);
    agenda.run();
    expect(done).toEqual([0, 0, 1, 2, 0, 0]);
  });

  test("RunTask's rate spreads launches, tried again the moment there is a token", () => {
    const quotas = { ...UNLIMITED, runTask: { burst: 2, perSecond: 2 } };
    const { agenda, fleet, submitAt } = setUp(IDEAL, quotas);
    for (let job = 0; job < 5; job += 1) submitAt(0, job, 1);
    agenda.run();
    expect(fleet.waits.map((wait) => Math.round(wait * 10) / 10)).toEqual([0, 0, 0.5, 1, 1.5]);
  });

  test("without a place on Spot a worker starts on demand, for a second request", () => {
    const { agenda, fleet, submitAt } = setUp({ ...IDEAL, spotShare: 0 });
    submitAt(0, 0, 100);
    agenda.run();
    expect(fleet.paidSeconds).toEqual({ spot: 0, onDemand: 100 });
    expect(fleet.launches.requests).toBe(2);
  });

  test("a launch that was refused is tried again after the pause", () => {
    const { agenda, fleet, submitAt } = setUp({ ...IDEAL, retrySeconds: 7 }, places(1));
    submitAt(0, 0, 10);
    submitAt(1, 1, 10);
    agenda.run();
    // Refused at 1 and 8, taken at 15.
    expect(fleet.waits).toEqual([0, 14]);
    expect(fleet.launches.refused["vCPU quota"]).toBe(2);
  });
});

describe("what must hold whatever happens", () => {
  const harsh: FleetSettings = {
    ...DEFAULT_FLEET,
    interruptionsPerHour: 20,
    lingerSeconds: 30,
    spotShare: 0.7,
    slots: 3,
  };
  const few: Quotas = {
    ...UNLIMITED,
    vcpus: { spot: 5, onDemand: 3 },
    runTask: { burst: 3, perSecond: 1 },
  };

  test.each([
    ["nothing is scarce", harsh, UNLIMITED],
    ["places and rates are scarce", harsh, few],
    ["with checkpoints", { ...harsh, checkpointSeconds: 20 }, few],
    ["without warm workers", { ...harsh, warm: false }, few],
  ])(
    "each job ends once, and busy time is its work and what was lost: %s",
    (_, settings, quotas) => {
      const { agenda, fleet, done } = setUp(settings, quotas, 3);
      const random = new Random(5);
      let work = 0;
      let worst = 0;
      for (let job = 0; job < 2000; job += 1) {
        const seconds = random.pareto({ low: 5, high: 600, alpha: 1.2 });
        const tenant = Math.floor(random.between(0, 40));
        work += seconds;
        agenda.at(random.between(0, 20_000), () => {
          fleet.submit(tenant, seconds, () => done.push(tenant));
          worst = Math.max(worst, fleet.launches.vcpus.spot.value);
        });
      }
      agenda.run();
      expect([fleet.created, fleet.ended, fleet.waiting, fleet.inHand]).toEqual([2000, 2000, 0, 0]);
      expect(done).toHaveLength(2000);
      expect(fleet.waits).toHaveLength(2000);
      expect(fleet.interruptions).toBeGreaterThan(20);
      expect(fleet.busySeconds).toBeCloseTo(work + fleet.lostSeconds, 3);
      // What is paid covers what is worked, and no worker is left.
      const paid = fleet.paidSeconds.spot + fleet.paidSeconds.onDemand;
      expect(paid).toBeGreaterThan(fleet.busySeconds);
      expect(fleet.launches.tasks.value).toBe(0);
      expect(fleet.launches.vcpus.spot.max).toBeLessThanOrEqual(quotas.vcpus.spot);
      expect(fleet.launches.vcpus.onDemand.max).toBeLessThanOrEqual(quotas.vcpus.onDemand);
      // Little's law at the workers: the area under those at work is the busy time.
      expect(fleet.atWork.areaAt(agenda.now)).toBeCloseTo(fleet.busySeconds, 3);
    },
  );

  test("checkpoints lose at most their distance an interruption", () => {
    const { agenda, fleet, submitAt } = setUp({ ...harsh, checkpointSeconds: 20, spotShare: 1 });
    for (let job = 0; job < 200; job += 1) submitAt(job * 10, job, 500);
    agenda.run();
    expect(fleet.interruptions).toBeGreaterThan(100);
    expect(fleet.lostSeconds).toBeLessThan(20 * fleet.interruptions);
  });
});
