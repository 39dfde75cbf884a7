import { expect, test } from "vitest";
import { UNLIMITED } from "./limits.ts";
import { DEFAULT_MIX, type Mix } from "./mix.ts";
import { readOptions, SWITCHES, usageOf } from "./options.ts";
import { toJson, toReport } from "./report.ts";
import { type Scenario, Simulation } from "./simulation.ts";
import { makeStudy, type StudyOptions } from "./study.ts";

function options(given: Record<string, string | boolean> = {}): StudyOptions {
  const read = readOptions(given);
  if (typeof read === "string") throw new Error(read);
  return read;
}

const SMALL = options({ tenants: "800", hours: "2", "no-doubling": true, "no-alternatives": true });

/** Nothing happens but what a test adds. */
const QUIET: Mix = {
  ...DEFAULT_MIX,
  tenants: 1000,
  peak: 1,
  quickCalls: 0,
  sessions: 0,
  listens: 0,
  workerCalls: 0,
  pushes: 0,
  repeatedPushes: 0,
};

function run(mix: Mix, hours = 24, change: Partial<Scenario> = {}) {
  const { scenario } = makeStudy({ ...SMALL, hours, mix: { ...QUIET, tenants: 1 } });
  return new Simulation({ ...scenario, mix, quotas: UNLIMITED, ...change }).run();
}

test("calls a month are what was asked for, and each takes what was measured", () => {
  const { month } = run({ ...QUIET, quickCalls: 100, plainShare: 0, searchShare: 0, coldShare: 0 });
  // 1000 tenants, 100 calls, 30 days; a day of 100,000 has a deviation of 0.3 %.
  expect(Math.abs((month.apiRequests ?? 0) / 3e6 - 1)).toBeLessThan(0.015);
  expect(month.rru).toBe(month.apiRequests);
  expect(month.wru).toBe(0);
  expect((month.lambdaGbSeconds ?? 0) / (month.apiRequests ?? 1)).toBeCloseTo(0.03, 10);
});

test("a listen stream holds one Lambda as long as it is held", () => {
  const outcome = run({ ...QUIET, listens: 24, listenMinutes: 30 });
  // 1000 an hour for half an hour each: 500 at a time (Little), less what begins the day empty.
  const average = outcome.held.listens.areaAt(26 * 3600) / 86_400;
  expect(average).toBeGreaterThan(475);
  expect(average).toBeLessThan(505);
  expect(outcome.peaks.of("lambdas")).toBeGreaterThan(500);
  const gbSeconds = (outcome.month.lambdaGbSeconds ?? 0) / 30;
  expect(Math.abs(gbSeconds / (average * 86_400) - 1)).toBeLessThan(0.01);
});

test("jobs that arrived have ended, wait or are at hand", () => {
  const mix = { ...QUIET, workerCalls: 40, together: 1 };
  const { fleet } = run(mix, 3);
  expect(Math.abs(fleet.created / 5000 - 1)).toBeLessThan(0.06);
  expect(fleet.ended + fleet.waiting + fleet.inHand).toBe(fleet.created);
  expect(fleet.ended).toBeGreaterThan(0.9 * fleet.created);
  const paid = fleet.paidSeconds.spot + fleet.paidSeconds.onDemand;
  expect(paid).toBeGreaterThanOrEqual(fleet.launched * 30);
});

test("calls made together are as many as calls made alone", () => {
  const alone = run({ ...QUIET, workerCalls: 20, together: 1 });
  const together = run({ ...QUIET, workerCalls: 20, together: 5 });
  expect(Math.abs(together.fleet.created / alone.fleet.created - 1)).toBeLessThan(0.05);
  expect(together.fleet.warmStarts).toBeGreaterThan(2 * alone.fleet.warmStarts);
});

test("held streams take the Lambdas of quick calls", () => {
  const mix = { ...QUIET, quickCalls: 100, listens: 24, listenMinutes: 30 };
  const few = run(mix, 2, { quotas: { ...UNLIMITED, lambdas: 100 } });
  expect(few.throttled).toBeGreaterThan(0);
  expect(few.peaks.of("heldLambdas")).toBeLessThanOrEqual(100);
  expect(run(mix, 2, { quotas: { ...UNLIMITED, lambdas: 5000 } }).throttled).toBe(0);
});

test("the same seed says the same, another one does not", () => {
  const text = (seed: number) => JSON.stringify(toJson(makeStudy({ ...SMALL, seed })));
  expect(text(5)).toBe(text(5));
  expect(text(5)).not.toBe(text(6));
});

test("half as many tenants cost about half, and a quota that is met is named", () => {
  const of = (tenants: string) =>
    makeStudy(options({ tenants, hours: "4", "no-doubling": true, "no-alternatives": true }));
  const [half, whole] = [of("4000"), of("8000")];
  expect(half.cost.dollars / whole.cost.dollars).toBeGreaterThan(0.47);
  expect(half.cost.dollars / whole.cost.dollars).toBeLessThan(0.53);
  const [granted, raised] = whole.granted;
  expect(granted?.refused["vCPU quota"]).toBeGreaterThan(0);
  expect(granted?.waits.p99).toBeGreaterThan(600);
  expect(raised?.refused["vCPU quota"]).toBe(0);
  expect(raised?.waits.p99).toBeLessThan(120);
  expect(toReport(whole)).toContain("vCPU quota");
});

test("the doubling finds the first limit, and the report names all of them", () => {
  const study = makeStudy({ ...options({ tenants: "1600", hours: "1" }), doublings: 6 });
  const first = [...study.breakingPoints].sort((a, b) => a.tenants - b.tenants)[0];
  expect(first?.limit.id).toMatch(/^fargate-vcpu/);
  expect(first?.wasReached).toBe(true);
  const text = toReport(study);
  for (const { limit } of study.breakingPoints) expect(text).toContain(limit.name);
  expect(text).toContain("linger 5 minutes");
});

test("options are checked, and the usage names all of them", () => {
  for (const { name } of SWITCHES) expect(usageOf()).toContain(`--${name}`);
  expect(readOptions({ tenants: "none" })).toContain("--tenants takes a number");
  expect(readOptions({ tenants: "1.5" })).toContain("whole number");
  expect(readOptions({ "spot-share": "2" })).toContain("from 0 to 1");
  expect(readOptions({ "job-least": "4000" })).toContain("less than");
  expect(options({ "linger-seconds": "90", warm: "0" }).fleet).toMatchObject({
    lingerSeconds: 90,
    warm: false,
  });
});
