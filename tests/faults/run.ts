import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../harness/seeded-random.ts";
import { carryOut } from "./acts.ts";
import type { Driver } from "./clients/driver.ts";
import { CLIENTS, type ClientName } from "./clients/index.ts";
import type { Exchange, RunHistory, SeenAnswer, Violation } from "./model/history.ts";
import { checkHistory } from "./model/model.ts";
import { extraJobs, ordersOf } from "./model/warm-rules.ts";
import { type FaultPath, type Lane, makeFile, pushFile } from "./observers/fault-path.ts";
import { RunObserver } from "./observers/run-observer.ts";
import type { Act, CallPlan, RunPlan, SeriesPlan } from "./scenarios.ts";

/** A client that has no answer by then never gets one. */
const PATIENCE_MS = 180_000;

export interface RunReport {
  readonly plan: RunPlan;
  readonly seconds: number;
  /** How many of the acts found something to hit. */
  readonly hits: number;
  /** One for each call. */
  readonly answers: readonly (SeenAnswer["kind"] | "none")[];
  /** Jobs more than calls. */
  readonly repeated: number;
  readonly launches: number;
  readonly starts: number;
  /** Jobs given to workers that waited, and how many of them were claimed there. */
  readonly orders: { readonly given: number; readonly taken: number };
  readonly connections: number;
  /** Streams that said nothing until the client gave them up; what they had to say by then is a violation. */
  readonly silent: number;
  readonly violations: readonly Violation[];
  /** Kept when something was violated. */
  readonly history?: RunHistory;
}

/** Of a run that could not be observed. */
export const NO_REPORT = {
  seconds: 0,
  hits: 0,
  answers: [],
  repeated: 0,
  launches: 0,
  starts: 0,
  orders: { given: 0, taken: 0 },
  connections: 0,
  silent: 0,
} as const satisfies Partial<RunReport>;

export interface RunPlace {
  /** Names the run. */
  readonly index: number;
  readonly lane: Lane;
}

/** One run of a plan, from its calls to the model's verdict. */
export async function runOnce(path: FaultPath, plan: RunPlan, place: RunPlace): Promise<RunReport> {
  const started = performance.now();
  const random = seededRandom(plan.seed ^ 0x5bd1e995);
  const run = new RunObserver(path, `run-${place.index}`);
  mkdirSync(run.folder);
  const { scenario, steps, linger } = plan;
  const { own, other } = place.lane;
  for (const { tenant } of [own, other]) path.setLinger(tenant, linger);
  const file = scenario.files ? await pushOwn(path, run.label, own.first) : path.file;
  const over = new AbortController();
  const tokens = await signIn(path, place.lane);
  const token = tokens.get(userOf(place.lane, "own", plan.series[0]?.calls[0]?.user)) ?? "";
  const acting = carryOut(plan.acts, { run, random, token, over: over.signal });
  const calling = { path, plan, run, lane: place.lane, tokens, random, leaves: leavesOf(plan) };
  const called = (await Promise.all(plan.series.map((_, at) => callInTurn(calling, at)))).flat();
  over.abort();
  const hits = await acting;
  const troubled = scenario.weather !== "calm" && scenario.weather !== "no capacity";
  const users = Object.fromEntries(called.map(({ call, user }) => [call, user]));
  const expected = { steps, file, troubled, lingers: linger !== undefined, users };
  const history = await run.history(
    expected,
    called.flatMap(({ exchanges }) => exchanges),
  );
  const violations = checkHistory(history);
  run.forget();
  rmSync(run.folder, { recursive: true, force: true });
  return {
    plan,
    seconds: (performance.now() - started) / 1000,
    hits,
    answers: called.map(({ answer }) => answer?.kind ?? "none"),
    ...figuresOf(history),
    connections: called.reduce((sum, { connections }) => sum + connections, 0),
    violations,
    ...(violations.length > 0 && { history }),
  };
}

function figuresOf(history: RunHistory) {
  const orders = ordersOf(history.rows);
  return {
    repeated: extraJobs(history),
    launches: history.tasks.length,
    starts: history.lines.filter(({ kind }) => kind === "start").length,
    orders: { given: orders.length, taken: orders.filter(({ taken }) => taken).length },
    silent: history.exchanges.filter((exchange) => exchange.silence).length,
  };
}

async function pushOwn({ local, folder }: FaultPath, project: string, user: string) {
  const file = makeFile(folder, project);
  await pushFile(local, { folder, project, user });
  return file;
}

async function signIn({ local }: FaultPath, lane: Lane): Promise<ReadonlyMap<string, string>> {
  const users = Object.values(lane).flatMap(({ first, second }) => [first, second]);
  const tokens = await Promise.all(users.map((user) => local.token(user)));
  return new Map(users.map((user, at) => [user, tokens[at] ?? ""]));
}

function userOf(
  lane: Lane,
  tenant: SeriesPlan["tenant"],
  user: CallPlan["user"] = "first",
): string {
  return lane[tenant][user];
}

type Leave = Extract<Act, { kind: "leave" }>;

const leavesOf = ({ acts }: RunPlan): Leave[] => acts.filter((act) => act.kind === "leave");

interface Calling {
  readonly path: FaultPath;
  readonly plan: RunPlan;
  readonly run: RunObserver;
  readonly lane: Lane;
  readonly tokens: ReadonlyMap<string, string>;
  readonly random: () => number;
  /** Those that no call has had yet. */
  readonly leaves: Leave[];
}

interface Called {
  readonly call: string;
  readonly user: string;
  readonly answer: SeenAnswer | undefined;
  readonly connections: number;
  readonly exchanges: readonly Exchange[];
}

/** The calls of one series, each when the one before has its answer. */
async function callInTurn(calling: Calling, at: number): Promise<Called[]> {
  const { tenant, calls } = calling.plan.series[at] as SeriesPlan;
  const done: Called[] = [];
  for (const [number, plan] of calls.entries()) {
    await delay(plan.pauseMs);
    const user = userOf(calling.lane, tenant, plan.user);
    done.push(await callOnce(calling, { call: `${at}.${number}`, user, tenant, plan }));
  }
  return done;
}

async function callOnce(
  { path, plan, run, tokens, random, leaves }: Calling,
  one: {
    readonly call: string;
    readonly user: string;
    readonly tenant: SeriesPlan["tenant"];
    readonly plan: CallPlan;
  },
): Promise<Called> {
  const { call, user, tenant } = one;
  const { steps, stepMs, fillerBytes, scenario } = plan;
  const project = scenario.files ? run.label : "p";
  const args = {
    folder: run.folder,
    label: run.label,
    call,
    steps,
    stepMs,
    fillerBytes,
    // The other tenant has no projects.
    ...(tenant === "own" && { project }),
  };
  const token = tokens.get(user) ?? "";
  const driver = CLIENTS[clientOf(path, one.plan)]({ mcpUrl: path.local.mcpUrl, token, args });
  const { answer, connections } = await insist(driver, leaves, random);
  const exchanges = driver.exchanges.map((exchange) => ({ ...exchange, call }));
  return { call, user, answer, connections, exchanges };
}

/**
 * Where no queue looks after jobs, those who follow them do: a launch that was refused, or that its process
 * did not live to ask for, is made up for by nobody else. A client that only polls follows nothing.
 */
function clientOf({ hasWatch }: FaultPath, { client }: CallPlan): ClientName {
  return client === "tasks/get" && !hasWatch ? "tool task" : client;
}

/** Connects until there is an answer; leaves when that was planned, and comes back. */
async function insist(
  driver: Driver,
  leaves: Leave[],
  random: () => number,
): Promise<{ readonly answer: SeenAnswer | undefined; readonly connections: number }> {
  const until = performance.now() + PATIENCE_MS;
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
