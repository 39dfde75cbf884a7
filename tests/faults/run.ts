import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../harness/seeded-random.ts";
import { carryOut } from "./acts.ts";
import type { Driver } from "./clients/driver.ts";
import { CLIENTS, type ClientName } from "./clients/index.ts";
import type { RunHistory, SeenAnswer, Violation } from "./model/history.ts";
import { jobIds } from "./model/job-rules.ts";
import { checkHistory } from "./model/model.ts";
import { type FaultPath, pushFile } from "./observers/fault-path.ts";
import { RunObserver } from "./observers/run-observer.ts";
import type { Act, RunPlan } from "./scenarios.ts";

/** A client that has no answer by then never gets one. */
const PATIENCE_MS = 180_000;

export interface RunReport {
  readonly plan: RunPlan;
  readonly seconds: number;
  /** How many of the acts found something to hit. */
  readonly hits: number;
  readonly answer: SeenAnswer["kind"] | "none";
  readonly jobs: number;
  readonly launches: number;
  readonly starts: number;
  readonly connections: number;
  /** Streams that said nothing until the client gave them up; what they had to say by then is a violation. */
  readonly silent: number;
  readonly violations: readonly Violation[];
  /** Kept when something was violated. */
  readonly history?: RunHistory;
}

/** One run of a plan, from the call to the model's verdict. */
export async function runOnce(path: FaultPath, plan: RunPlan, index: number): Promise<RunReport> {
  const started = performance.now();
  const random = seededRandom(plan.seed ^ 0x5bd1e995);
  const run = new RunObserver(path, `run-${index}`);
  mkdirSync(run.folder);
  const { steps, stepMs, fillerBytes, scenario } = plan;
  const project = scenario.files ? run.label : "p";
  const file = scenario.files ? await pushFile(path.local, path.folder, project) : path.file;
  const token = await path.local.token();
  const args = { folder: run.folder, label: run.label, steps, stepMs, fillerBytes, project };
  const driver = CLIENTS[clientOf(path, plan)]({ mcpUrl: path.local.mcpUrl, token, args });
  const over = new AbortController();
  const acting = carryOut(plan.acts, { run, random, token, over: over.signal });
  const { answer, connections } = await insist(driver, plan.acts, random);
  over.abort();
  const hits = await acting;
  const troubled = scenario.weather !== "calm" && scenario.weather !== "no capacity";
  const history = await run.history({ steps, file, troubled }, driver.exchanges);
  const violations = checkHistory(history);
  run.forget();
  rmSync(run.folder, { recursive: true, force: true });
  return {
    plan,
    seconds: (performance.now() - started) / 1000,
    hits,
    answer: answer?.kind ?? "none",
    jobs: jobIds(history.rows).length,
    launches: history.tasks.length,
    starts: history.lines.filter(({ kind }) => kind === "start").length,
    connections,
    silent: driver.exchanges.filter((exchange) => exchange.silence).length,
    violations,
    ...(violations.length > 0 && { history }),
  };
}

/**
 * Where no queue looks after jobs, those who follow them do: a launch that was refused, or that its process
 * did not live to ask for, is made up for by nobody else. A client that only polls follows nothing.
 */
function clientOf({ hasWatch }: FaultPath, { client }: RunPlan): ClientName {
  return client === "tasks/get" && !hasWatch ? "tool task" : client;
}

/** Connects until there is an answer; leaves when that was planned, and comes back. */
async function insist(
  driver: Driver,
  acts: readonly Act[],
  random: () => number,
): Promise<{ readonly answer: SeenAnswer | undefined; readonly connections: number }> {
  const until = performance.now() + PATIENCE_MS;
  const leaves = acts.filter((act) => act.kind === "leave");
  let connections = 0;
  let answer: SeenAnswer | undefined;
  while (!answer && performance.now() < until) {
    const leave = leaves.shift();
    const left = new AbortController();
    const patience = Math.max(1, leave?.afterMs ?? until - performance.now());
    const timer = setTimeout(() => left.abort(), patience);
    connections += 1;
    answer = await driver.connect(left.signal);
    clearTimeout(timer);
    if (!answer) await delay(left.signal.aborted && leave ? leave.awayMs : 100 + random() * 200);
  }
  await driver.close();
  return { answer, connections };
}
