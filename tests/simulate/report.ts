import { dollarsPerGbSecond } from "../bench/price.ts";
import { type Cell, type Row, toText } from "../bench/report.ts";
import type { BreakingPoint } from "./breaking-points.ts";
import { HELD_FIGURES } from "./measured.ts";
import { DAYS_A_MONTH, FREE_TIER_SOURCE, PRICES } from "./prices.ts";
import type { Alternative, Service, Study } from "./study.ts";

/** The study as tables for a person. */
export function toReport(study: Study): string {
  const { breakingPoints, alternatives } = study;
  const sections = [
    section(titleOf(study), study.granted.map(toServiceRow)),
    section("Limits that refused something, as granted", refusals(study.granted)),
    ...(breakingPoints.length > 0
      ? [section(limitsTitle(study), [...breakingPoints].sort(byTenants).map(toLimitRow(study)))]
      : []),
    section(
      "A month, by service ($; free: what the free tier for good takes off)",
      costRows(study),
    ),
    section("Where the time of Lambdas goes ($ a month, before the free tier)", heldRows(study)),
    ...(alternatives.length > 0
      ? [section("One thing changed at a time ($ a month)", toAlternativeRows(alternatives))]
      : []),
  ];
  return `${sections.join("\n")}${CAVEAT}`;
}

const CAVEAT = `The mix is assumed, consumption is measured on the local cloud, limits and prices are AWS's documents'
(docs/operate/scale.md). No figure here was seen on AWS.
`;

function section(title: string, rows: readonly Row[]): string {
  return toText({ title, rows, verdicts: [] });
}

function titleOf({ scenario }: Study): string {
  const { mix, from, to, seed } = scenario;
  const hours = (to - from) / 3600;
  return `${show(mix.tenants)} tenants, ${show(hours)} hours, seed ${seed}: how long worker calls wait for their first line (s)`;
}

function toServiceRow(service: Service): Row {
  const { name, waits, created, ended, waiting, mostWaiting, requests, throttled } = service;
  return {
    name,
    jobs: created,
    ended,
    "wait p50": seconds(waits.p50),
    "wait p99": seconds(waits.p99),
    "wait max": seconds(waits.max),
    "most waiting": mostWaiting,
    "waiting at the end": waiting,
    requests: show(requests),
    "429s": show(throttled),
  };
}

function refusals(services: readonly Service[]): readonly Row[] {
  const [granted] = services;
  if (!granted) return [];
  const found = Object.entries({ ...granted.refused, "Lambda concurrency": granted.throttled });
  const rows = found.filter(([, count]) => count > 0);
  if (rows.length === 0) return [{ name: "none" }];
  return rows.map(([name, count]) => ({ name, times: show(count) }));
}

function limitsTitle({ scenario }: Study): string {
  return `Limits, the one that bites first on top; the peak of ${show(scenario.mix.tenants)} tenants, and how many it holds`;
}

/** A tenant's own limits come after those of all. */
function byTenants(a: BreakingPoint, b: BreakingPoint): number {
  if (a.limit.scope !== b.limit.scope) return a.limit.scope === "deployment" ? -1 : 1;
  return a.tenants - b.tenants;
}

function toLimitRow({ demand }: Study): (point: BreakingPoint) => Row {
  return ({ limit, tenants, wasReached }) => {
    const asked = limit.demand(demand);
    return {
      name: `${limit.service}: ${limit.name}`,
      limit: show(limit.value),
      "at the peak": `${show(asked)} ${limit.unit}`.trim(),
      used: `${show((100 * asked) / limit.value)} %`,
      "holds tenants": `${wasReached ? "" : "~ "}${show(tenants)}${limit.scope === "tenant" ? " in one" : ""}`,
      raised: limit.raised,
    };
  };
}

function costRows({ services, cost, scenario, demand }: Study): readonly Row[] {
  const { tenants } = scenario.mix;
  const net = cost.dollars - cost.free;
  const row = (name: string, dollars: number, free: number): Row => ({
    name,
    "list price": money(dollars),
    free: money(free),
    "to pay": money(dollars - free),
    "a tenant": money((dollars - free) / tenants, 4),
  });
  return [
    ...services.map(({ service, dollars, free }) => row(service, dollars, free)),
    row("all", cost.dollars, cost.free),
    { name: "of it the busiest tenant", "to pay": money(net * demand.busiestShare) },
  ];
}

function heldRows({ demand, scenario }: Study): readonly Row[] {
  const { held, month } = demand;
  const now = scenario.to;
  const days = (month.lambdaRequests ?? 0) / Math.max(1, demand.requests + demand.fleet.launched);
  const row = (name: string, areaSeconds: number, rruAMinute: number): Row => {
    const gbSeconds = areaSeconds * scenario.streams.memoryGb * days;
    const rru = (areaSeconds / 60) * rruAMinute * days;
    return {
      name,
      "held, average": show(areaSeconds / (now - scenario.from)),
      "GB-seconds": show(gbSeconds),
      Lambda: money(gbSeconds * dollarsPerGbSecond),
      "DynamoDB reads": money(rru * PRICES.rru.dollars),
    };
  };
  const figures = HELD_FIGURES;
  return [
    row("listen streams", held.listens.areaAt(now), figures["listen on lists and a file"].rru),
    row("calls followed", held.followers.areaAt(now), figures["and a listen on that task"].rru),
    row(
      "sessions' own streams",
      held.ownStreams.areaAt(now),
      figures["and a session's own stream with a file"].rru,
    ),
  ];
}

function toAlternativeRows(alternatives: readonly Alternative[]): readonly Row[] {
  const base = alternatives[0]?.dollars ?? 0;
  return alternatives.map(({ name, dollars, waits, warmShare }) => ({
    name,
    "a month": money(dollars),
    difference: name === alternatives[0]?.name ? "" : signed(dollars - base),
    "wait p50": seconds(waits.p50),
    "wait p99": seconds(waits.p99),
    "warm starts": `${show(100 * warmShare)} %`,
  }));
}

function seconds(value: number): Cell {
  return value < 10 ? value.toFixed(1) : show(value);
}

function money(value: number, digits = 2): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${money(value)}`;
}

function show(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "any number";
  const digits = Math.abs(value) >= 100 ? 0 : 1;
  const rounded = Math.abs(value) >= 100_000 ? Number(value.toPrecision(3)) : value;
  return rounded.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** What a program reads: the same, in numbers. */
export function toJson(study: Study): unknown {
  const { scenario, granted, cost, services, breakingPoints, alternatives, demand } = study;
  return {
    scenario,
    granted,
    cost: { ...cost, byService: services, days: DAYS_A_MONTH, freeTier: FREE_TIER_SOURCE },
    busiestShare: demand.busiestShare,
    limits: breakingPoints.map(({ limit, demands, tenants, wasReached }) => ({
      ...limit,
      peak: limit.demand(demand),
      demands,
      holdsTenants: tenants,
      wasReached,
    })),
    alternatives,
  };
}
