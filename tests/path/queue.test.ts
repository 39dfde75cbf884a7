import type { CloudTemplate } from "@zenode/emulator";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath } from "../harness/local-path.ts";
import { answerOf, postModern, textOf } from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { startGatedPath } from "./gate/gated-path.ts";
import { callsOf, jainIndex, runScenario, submitGate, tenantPrincipal } from "./queue-scenario.ts";

let local: LocalPath;
let gate: Gate;

beforeAll(async () => {
  local = await startGatedPath({ template: { lingerMs: 0, adjust: withJobsPerTenant(5) } });
});
afterAll(() => local.close());
beforeEach(async ({ onTestFailed }) => {
  gate = await newGate();
  onTestFailed(() =>
    console.error(JSON.stringify([local.cloud.ecs.tasks(), local.logs.slice(-60)])),
  );
});
afterEach(async () => {
  await gate.open();
  local.cloud.ecs.setMaxTasks(undefined);
  await eventually("the workers to stop", () =>
    local.cloud.ecs.tasks().every(({ lastStatus }) => lastStatus === "STOPPED"),
  );
  await gate.remove();
});

/** For callers over the wire; the scenarios' own tenants have the usual number. */
function withJobsPerTenant(jobs: number) {
  return (template: CloudTemplate): CloudTemplate => ({
    ...template,
    functions: template.functions.map((one) =>
      one.name === "mcp"
        ? { ...one, environment: { ...one.environment, ZENODE_JOBS_PER_TENANT: String(jobs) } }
        : one,
    ),
  });
}

const running = () => local.cloud.ecs.tasks().filter(({ lastStatus }) => lastStatus === "RUNNING");

test("24 jobs of 6 tenants, room for 3 workers: all run once, nobody starves", async () => {
  await gate.open();
  const fairness = await runScenario(local, {
    tenants: 6,
    jobs: 24,
    workers: 3,
    folder: gate.args.folder,
    patienceMs: 90_000,
  });
  expect(fairness).toMatchObject({ jobs: 24, completed: 24, launches: 24, beyondBound: 0 });
  expect(fairness.longestTurn).toBeLessThanOrEqual(5 * fairness.triesOfLongest + 3);
  expect(fairness.atOnce).toBeLessThanOrEqual(3);
  expect(fairness.jain).toBeGreaterThan(0.9);
});

test("Jain's index is 1 where all wait alike and 1/n where one waits for all", () => {
  expect(jainIndex([5, 5, 5, 5])).toBe(1);
  expect(jainIndex([8, 0, 0, 0])).toBe(0.25);
});

test("without room a call waits, and a message brings it to a worker though nobody follows it", async () => {
  const calls = callsOf(local);
  local.cloud.ecs.setMaxTasks(0);
  const job = await submitGate(calls, "t-waits", gate.args);
  expect(local.cloud.ecs.tasks().every(({ tags }) => tags.at(1)?.value !== job.id)).toBe(true);
  local.cloud.ecs.setMaxTasks(undefined);
  // The first look is due half a minute after the call.
  local.cloud.clock.advance(30_000);
  // Launches are refused for two seconds yet, so the second look brings it, 15 s later, or on a slow machine one after it.
  await eventually("the worker to run", () => gate.runs().length === 1, 90_000);
  await gate.open();
  await eventually("the end", async () => {
    return (await calls.job("t-waits", job.id))?.state === "completed";
  });
  expect(gate.runs()).toHaveLength(1);
  expect((await calls.list(tenantPrincipal("t-waits"), 10)).map(({ id }) => id)).toEqual([job.id]);
});

test("a worker that hangs is noticed by the watchdog when nobody follows and ECS says nothing", async () => {
  const calls = callsOf(local);
  const job = await submitGate(calls, "t-hangs", gate.args);
  await eventually("the worker to run", () => gate.runs().length === 1);
  const [hung = 0] = gate.runs();
  process.kill(hung, "SIGSTOP");
  const [task] = running();
  try {
    const { leaseUntil = 0 } = (await calls.job("t-hangs", job.id)) ?? {};
    await eventually("the lease's end", () => Date.now() > leaseUntil);
    local.cloud.clock.advance(30_000);
    await eventually("another worker to run", () => gate.runs().length === 2);
    await gate.open();
    await eventually("the end", async () => {
      return (await calls.job("t-hangs", job.id))?.state === "completed";
    });
    expect(await calls.job("t-hangs", job.id)).toMatchObject({ attempts: 2, fence: 2 });
  } finally {
    // Awake again, it finds its lease lost and writes nothing.
    process.kill(hung, "SIGCONT");
  }
  await eventually("the hung worker to end", () =>
    local.cloud.ecs.tasks().some(({ taskArn, lastStatus }) => {
      return taskArn === task?.taskArn && lastStatus === "STOPPED";
    }),
  );
  expect(await calls.job("t-hangs", job.id)).toMatchObject({ state: "completed", fence: 2 });
});

test("a tenant with as many jobs as it may have is told so, and what to do", async () => {
  const token = await local.token();
  local.cloud.ecs.setMaxTasks(0);
  const call = (label: number) =>
    postModern(
      local.mcpUrl,
      "tools/call",
      { name: "gate", arguments: { ...gate.args, label: `${label}` } },
      { token, tasks: true },
    ).then(answerOf);
  const answers = await Promise.all(Array.from({ length: 8 }, (_, label) => call(label)));
  const refused = answers.filter(({ result }) => result?.isError === true);
  expect(answers.filter(({ result }) => result?.taskId !== undefined)).toHaveLength(5);
  expect(new Set(refused.map(textOf))).toEqual(
    new Set([
      "5 calls of this workspace wait or run already, which is as many as it may have. Wait until one has ended, or cancel one that is not needed, then call again.",
    ]),
  );
  for (const { result } of answers)
    if (result?.taskId !== undefined)
      await postModern(
        local.mcpUrl,
        "tasks/cancel",
        { taskId: result.taskId },
        { token, tasks: true },
      );
  expect((await call(9)).result?.taskId).toBeDefined();
  expect(errorLines(local)).toEqual([]);
});
