import type { RunReport } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";

/** Nothing for a run that was as it should be; else what to repeat it with, and what was violated. */
export function describeRun({ plan, violations }: RunReport): string {
  if (violations.length === 0) return "";
  const { scenario, seed, client, acts } = plan;
  const done =
    acts.map(({ kind, afterMs }) => `${kind} after ${afterMs} ms`).join(", ") || "nothing";
  const said = violations.map(({ rule, text }) => `    ${rule}: ${text}\n`).join("");
  return `  violated in ${scenario.name} --seed ${seed} (client: ${client}; done: ${done})\n${said}`;
}

const COLUMNS = [
  "runs",
  "violated",
  "hits",
  "launches",
  "starts",
  "connected",
  "silent",
  "result",
  "failed",
  "cancelled",
  "jobs>1",
  "s p50",
  "s max",
];

/** One line per scenario; figures are sums over its runs but for seconds. */
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
    sum(({ hits }) => hits),
    sum(({ launches }) => launches),
    sum(({ starts }) => starts),
    sum(({ connections }) => connections),
    sum(({ silent }) => silent),
    count(({ answer }) => answer === "result"),
    count(({ answer }) => answer === "failed"),
    count(({ answer }) => answer === "cancelled"),
    count(({ jobs }) => jobs > 1),
    (seconds[Math.floor(seconds.length / 2)] ?? 0).toFixed(1),
    (seconds.at(-1) ?? 0).toFixed(1),
  ];
}

function toLine(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(9))).join(" ");
}
