import { describe, expect, test } from "vitest";
import { HELD, OPERATIONS } from "../bench/row-names.ts";
import { Agenda } from "./agenda.ts";
import { meet } from "./breaking-points.ts";
import { byService, toCost } from "./cost.ts";
import { Day } from "./day.ts";
import { Gauge } from "./gauge.ts";
import { LIMITS } from "./limits.ts";
import { HELD_FIGURES, OPERATION_FIGURES } from "./measured.ts";
import { PRICES } from "./prices.ts";
import { paretoMean, Random } from "./random.ts";
import { Tenants } from "./tenants.ts";
import { TokenBucket } from "./token-bucket.ts";
import { toSpread } from "./waits.ts";

const mean = (count: number, draw: () => number) => {
  let sum = 0;
  for (let turn = 0; turn < count; turn += 1) sum += draw();
  return sum / count;
};

describe("data", () => {
  test("the simulation reckons with the rows that the bench measures, all of them", () => {
    expect(Object.keys(OPERATION_FIGURES)).toEqual([...OPERATIONS]);
    expect(Object.keys(HELD_FIGURES)).toEqual([...HELD]);
  });

  test("every limit and price has a source, and ids are not used twice", () => {
    expect(LIMITS.filter(({ source }) => source === "")).toEqual([]);
    expect(new Set(LIMITS.map(({ id }) => id)).size).toBe(LIMITS.length);
    expect(Object.values(PRICES).filter(({ source, dollars }) => !source || dollars <= 0)).toEqual(
      [],
    );
  });
});

describe("randomness", () => {
  test("is the same for a seed and a name, and another for another", () => {
    const draw = (seed: number, name: string) => new Random(seed).stream(name).next();
    expect(draw(1, "a")).toBe(draw(1, "a"));
    expect(new Set([draw(1, "a"), draw(2, "a"), draw(1, "b")]).size).toBe(3);
  });

  test("has the means it should", () => {
    const random = new Random(3);
    expect(mean(200_000, () => random.next())).toBeCloseTo(0.5, 2);
    expect(mean(200_000, () => random.exponential(4))).toBeCloseTo(4, 1);
    expect(mean(200_000, () => random.poisson(2.5))).toBeCloseTo(2.5, 1);
    expect(mean(200_000, () => random.poisson(80))).toBeCloseTo(80, 0);
    expect(mean(200_000, () => random.normal())).toBeCloseTo(0, 1);
  });

  test("a bounded Pareto keeps its bounds and its mean", () => {
    const random = new Random(4);
    const jobs = { low: 15, high: 3600, alpha: 1.1 };
    const draws = Array.from({ length: 400_000 }, () => random.pareto(jobs));
    expect(Math.min(...draws.slice(0, 50_000))).toBeGreaterThanOrEqual(15);
    expect(Math.max(...draws.slice(0, 50_000))).toBeLessThanOrEqual(3600);
    // Between 1 and 4 with exponent 2 the mean is 2 * 0.75 / (15 / 16) = 1.6.
    expect(paretoMean({ low: 1, high: 4, alpha: 2 })).toBeCloseTo(1.6, 10);
    const measured = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(Math.abs(measured / paretoMean(jobs) - 1)).toBeLessThan(0.03);
  });
});

test("the agenda lets things happen by time, and at the same time in the order they were asked for", () => {
  const agenda = new Agenda();
  const seen: string[] = [];
  const random = new Random(1);
  const times = Array.from({ length: 500 }, () => Math.floor(random.between(0, 50)));
  times.forEach((time, index) => {
    agenda.at(time, () => seen.push(`${time}:${index}`));
  });
  agenda.run();
  const expected = times
    .map((time, index) => ({ time, index }))
    .sort((a, b) => a.time - b.time || a.index - b.index)
    .map(({ time, index }) => `${time}:${index}`);
  expect(seen).toEqual(expected);
  expect(() => agenda.at(3, () => undefined)).toThrow(RangeError);
});

test("a token bucket gives its burst, then its rate", () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 });
  expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([true, true, true, false]);
  expect(bucket.readyAt(0)).toBe(0.5);
  expect([0.4, 0.5, 0.6, 1].map((now) => bucket.take(now))).toEqual([false, true, false, true]);
  expect([100, 100, 100, 100].map((now) => bucket.take(now))).toEqual([true, true, true, false]);
});

test("a gauge keeps its greatest value and its area", () => {
  const gauge = new Gauge(10);
  gauge.add(2, 10);
  gauge.add(3, 20);
  gauge.add(-4, 22);
  expect([gauge.value, gauge.max, gauge.areaAt(32)]).toEqual([1, 5, 20 + 10 + 10]);
});

test("a day has its peak where it should, and its parts make a whole", () => {
  const day = new Day(2.5);
  expect(day.at(14 * 3600)).toBeCloseTo(2.5, 6);
  expect(day.at(2 * 3600)).toBeLessThan(0.2);
  expect(day.share(0, 86_400)).toBeCloseTo(1, 6);
  expect(day.share(7200, 7200 + 3 * 86_400)).toBeCloseTo(3, 6);
  expect(new Day(1).at(12_345)).toBeCloseTo(1, 6);
});

test("tenants are picked by their weight", () => {
  const tenants = new Tenants(2000, 1.3);
  const random = new Random(2);
  const picks = Array.from({ length: 200_000 }, () => tenants.pick(random));
  const busiest = picks.filter((tenant) => tenant === tenants.busiest).length / picks.length;
  expect(Math.abs(busiest / tenants.busiestShare - 1)).toBeLessThan(0.05);
  expect(tenants.busiestShare).toBeGreaterThan(0.02);
  expect(Math.min(...picks.slice(0, 1000))).toBeGreaterThanOrEqual(0);
});

describe("cost, by hand", () => {
  test("a listen stream held for a month of 30 days: 2.592 million GB-seconds", () => {
    const { dollars, free } = toCost({ lambdaGbSeconds: 30 * 86_400, rru: 160 * 43_200 });
    // 34.56 of Lambda, 0.86 of reads; 400,000 GB-seconds are free.
    expect(dollars).toBeCloseTo(34.5602 + 0.864, 3);
    expect(free).toBeCloseTo(5.33336, 5);
  });

  test("a million calls through the front: 3.50 + 1.00 + 0.60 + 0.20, of which 1.20 are free", () => {
    const calls = 1e6;
    const usage = { apiRequests: calls, frontRequests: calls, edgeRequests: calls };
    const { dollars, free } = toCost({ ...usage, lambdaRequests: calls });
    expect(dollars).toBeCloseTo(5.3, 10);
    expect(free).toBeCloseTo(1.2, 10);
  });

  test("a worker's hour on Spot: 0.0158 for 1 vCPU and 2 GB, 0.0011 for 10 GB of disk, 0.005 for its address", () => {
    const usage = { spotVcpuHours: 1, spotMemoryGbHours: 2, diskGbHours: 10, addressHours: 1 };
    expect(toCost(usage).dollars).toBeCloseTo(0.012952 + 0.002848 + 0.00111 + 0.005, 8);
  });

  test("services add up to the bill", () => {
    const cost = toCost({ rru: 1e6, wru: 1e6, s3Reads: 1e6, users: 12_000 });
    expect(byService(cost)).toEqual([
      { service: "Cognito", dollars: 180, free: 150 },
      { service: "DynamoDB", dollars: 0.75, free: 0 },
      { service: "S3", dollars: 0.4, free: 0 },
    ]);
    expect(cost.dollars).toBeCloseTo(181.15, 10);
  });
});

test("where a growing demand meets a limit is told from the two sizes around it", () => {
  const demands = [
    { tenants: 100, demand: 10 },
    { tenants: 200, demand: 20 },
    { tenants: 400, demand: 60 },
  ];
  expect(meet(demands, 40)).toEqual({ tenants: 300, wasReached: true });
  expect(meet(demands, 5)).toEqual({ tenants: 50, wasReached: true });
  expect(meet(demands, 100)).toEqual({ tenants: 600, wasReached: false });
  expect(meet([{ tenants: 100, demand: 0 }], 1).tenants).toBe(Number.POSITIVE_INFINITY);
});

test("percentiles are values that were seen", () => {
  expect(toSpread([3, 1, 2])).toEqual({ count: 3, mean: 2, p50: 2, p99: 3, max: 3 });
  expect(toSpread([])).toEqual({ count: 0, mean: 0, p50: 0, p99: 0, max: 0 });
});
