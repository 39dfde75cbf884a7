import type { RunReport } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";

/** Nothing for a run that was as it should be; else what to repeat it with, and what was violated. */
export function describeRun({ plan, violations }: RunReport): string {
  if (violations.length === 0) return "";
  const { scenario, seed, series, linger, acts } = plan;
  const clients = series
    .map(({ tenant, calls }) => `${tenant}: ${calls.map(({ client }) => client).join(", ")}`)
    .join("; ");
  const done =
    acts.map(({ kind, afterMs }) => `${kind} after ${afterMs} ms`).join(", ") || "nothing";
  const said = violations.map(({ rule, text }) => `    ${rule}: ${text}\n`).join("");
  return `  violated in ${scenario.name} --seed ${seed} (${clients}; ${linger ? "lingering" : "not lingering"}; done: ${done})\n${said}`;
}

const COLUMNS = [
  "runs",
  "violated",
  "linger",
  "calls",
  "hits",
  "launches",
  "starts",
  "orders",
  "taken",
  "missed",
  "connected",
  "silent",
  "result",
  "failed",
  "cancelled",
  "repeated",
  "s p50",
  "s max",
];

/**
 * One line per scenario; figures are sums over its runs but for seconds. `linger`: runs whose workers wait for
 * their next job; `orders`: jobs given to such a worker, `taken`: that it then had, `missed`: that it was too
 * late for, dead or leaving; `repeated`: calls that had more than one job.
 */
export function summarize(reports: readonly RunReport[]): string {
  const rows = SCENARIOS.flatMap(({ name }) => {
    const own = reports.filter(({ plan }) => plan.scenario.name === name);
    return own.length === 0 ? [] : [[name, ...figuresOf(own)]];
  });
  const lines = [["scenario", ...COLUMNS], ...rows, ["all", ...figuresOf(reports)]];
  return `${lines.map(toLine).join("\n")}\n`;
}

function figuresOf(reports: readonly RunReport[]): string[] {
  const sum = (of: (report: RunReport) => number) =>
    String(reports.reduce((total, report) => total + of(report), 0));
  const count = (is: (report: RunReport) => boolean) => sum((report) => Number(is(report)));
  const seconds = reports.map((report) => report.seconds).sort((a, b) => a - b);
  return [
    String(reports.length),
    count(({ violations }) => violations.length > 0),
    count(({ plan }) => plan.linger !== undefined),
    sum(({ answers }) => answers.length),
    sum(({ hits }) => hits),
    sum(({ launches }) => launches),
    sum(({ starts }) => starts),
    sum(({ orders }) => orders.given),
    sum(({ orders }) => orders.taken),
    sum(({ orders }) => orders.given - orders.taken),
    sum(({ connections }) => connections),
    sum(({ silent }) => silent),
    ...["result", "failed", "cancelled"].map((kind) =>
      sum(({ answers }) => answers.filter((answer) => answer === kind).length),
    ),
    sum(({ repeated }) => repeated),
    (seconds[Math.floor(seconds.length / 2)] ?? 0).toFixed(1),
    (seconds.at(-1) ?? 0).toFixed(1),
  ];
}

function toLine(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(9))).join(" ");
}
