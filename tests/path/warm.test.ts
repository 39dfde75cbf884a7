import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath } from "../harness/local-path.ts";
import { answerOf, postModern, textOf } from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { startGatedPath } from "./gate/gated-path.ts";

let local: LocalPath;
const gates: Gate[] = [];
const tokens = new Map<string, string>();

beforeAll(async () => {
  local = await startGatedPath();
  for (const user of ["dev", "alice"]) tokens.set(user, await local.token(user));
});
afterAll(async () => {
  await local.close();
  await Promise.all(gates.map((gate) => gate.remove()));
});
/** Each test starts without a warm worker: what lingers is told to go, and goes at once. */
afterEach(async () => {
  for (const { taskArn } of running()) local.cloud.ecs.spotInterrupt(taskArn);
  await eventually("the workers to stop", () => running().length === 0);
});

const tasks = () => local.cloud.ecs.tasks();
const running = () => tasks().filter(({ lastStatus }) => lastStatus !== "STOPPED");

async function gateOf(label: string, open: boolean): Promise<Gate> {
  const gate = await newGate(label);
  gates.push(gate);
  if (open) await gate.open();
  return gate;
}

const ask = (method: string, params: Record<string, unknown>, user: string, asTask: boolean) =>
  postModern(local.mcpUrl, method, params, { token: tokens.get(user) ?? "", tasks: asTask });

/** A call that is followed to its end. */
async function call(gate: Gate, user = "dev"): Promise<string | undefined> {
  const params = { name: "gate", arguments: gate.args };
  return textOf(await answerOf(await ask("tools/call", params, user, false)));
}

async function submit(gate: Gate): Promise<unknown> {
  const params = { name: "gate", arguments: gate.args };
  return (await answerOf(await ask("tools/call", params, "dev", true))).result?.taskId;
}

const ended = (taskId: unknown) =>
  eventually("the task's end", async () => {
    const { result } = await answerOf(await ask("tasks/get", { taskId }, "dev", true));
    return result !== undefined && result.status !== "working" && result;
  });

const passed = (gate: Gate) => ({
  status: "completed",
  result: { content: [{ type: "text", text: gate.result }] },
});

/** A worker that has done a job and waits. */
async function warmWorker(label: string): Promise<{ pid: number; taskArn: string }> {
  const gate = await gateOf(label, true);
  const before = tasks().length;
  await call(gate);
  const [pid, taskArn] = [gate.runs()[0], tasks()[before]?.taskArn];
  if (pid === undefined || taskArn === undefined) throw new Error("No worker was started.");
  await eventually("it to wait for the next job", () => hasSaid(taskArn, "waiting"));
  return { pid, taskArn };
}

/** How often workers began to wait. */
const waits = () => local.logs.filter(({ text }) => String(text).includes('"waiting"')).length;
const workFolder = () => path.join(local.state, "work");
const workFolders = () => readdirSync(workFolder()).map((name) => path.join(workFolder(), name));
const isEmpty = (folder: string) => readdirSync(folder).length === 0;

test("calls of one tenant in a row run on one task, and leave nothing to each other", async () => {
  const before = tasks().length;
  const pids = [];
  for (const label of ["first", "second", "third"]) {
    const gate = await gateOf(label, true);
    expect(await call(gate)).toBe(gate.result);
    pids.push(...gate.runs());
    const [, ...earlier] = pids;
    await eventually("it to wait for the next", () => waits() > earlier.length);
    expect(workFolders().every(isEmpty)).toBe(true);
  }
  expect(pids).toHaveLength(3);
  expect(new Set(pids).size).toBe(1);
  expect(tasks().length - before).toBe(1);
  expect(errorLines(local)).toEqual([]);
});

test("another tenant's call never runs there", async () => {
  const { pid, taskArn } = await warmWorker("dev's");
  const gate = await gateOf("alice's", true);
  expect(await call(gate, "alice")).toBe(gate.result);
  expect(gate.runs()).not.toContain(pid);
  const [, alices] = running();
  expect(alices?.taskArn).not.toBe(taskArn);
  // dev's still waits, for dev.
  const again = await gateOf("dev's again", true);
  await call(again);
  expect(again.runs()).toEqual([pid]);
});

test("calls at the same moment: the warm worker takes one, the others get workers of their own", async () => {
  const { pid } = await warmWorker("before the rush");
  const rush = await Promise.all(["a", "b", "c"].map((label) => gateOf(label, true)));
  expect(await Promise.all(rush.map((gate) => call(gate)))).toEqual(
    rush.map(({ result }) => result),
  );
  const pids = rush.flatMap((gate) => gate.runs());
  expect(pids).toHaveLength(3);
  expect(pids.filter((each) => each === pid).length).toBeGreaterThanOrEqual(1);
});

test("a warm worker that is killed between order and claim loses nothing", async () => {
  const { pid, taskArn } = await warmWorker("to be killed");
  const gate = await gateOf("ordered from the dead", true);
  // Stopped, so that it can't claim what it is ordered, and then killed.
  process.kill(pid, "SIGSTOP");
  const before = tasks().length;
  const taskId = await submit(gate);
  expect(tasks()).toHaveLength(before);
  expect(gate.runs()).toEqual([]);
  local.cloud.ecs.kill(taskArn);
  expect(await ended(taskId)).toMatchObject(passed(gate));
  expect(gate.runs()).toHaveLength(1);
  expect(gate.runs()).not.toContain(pid);
});

test("a warm worker that hangs with an order is not waited for by whoever follows the call", async () => {
  const { pid, taskArn } = await warmWorker("to hang");
  const gate = await gateOf("ordered from the sleeping", true);
  process.kill(pid, "SIGSTOP");
  expect(await call(gate)).toBe(gate.result);
  expect(gate.runs()).not.toContain(pid);
  process.kill(pid, "SIGCONT");
  await eventually("it to find its order taken, and to wait on", () =>
    hasSaid(taskArn, "not-claimed"),
  );
  expect(gate.runs()).toHaveLength(1);
});

test("a warm worker that is killed while it holds a job gives it to another one", async () => {
  const { pid, taskArn } = await warmWorker("to die at work");
  const gate = await gateOf("held by the dead", false);
  const taskId = await submit(gate);
  await eventually("the warm worker to run it", () => gate.runs().length === 1);
  expect(gate.runs()).toEqual([pid]);
  local.cloud.ecs.kill(taskArn);
  await eventually("another worker to run it", () => gate.runs().length === 2);
  await gate.open();
  expect(await ended(taskId)).toMatchObject(passed(gate));
  expect(gate.runs()).toHaveLength(2);
});

test("a lingering worker that is killed leaves nothing that swallows the next job", async () => {
  const { pid, taskArn } = await warmWorker("killed idle");
  local.cloud.ecs.kill(taskArn);
  // At once, while its entry may still stand.
  const gate = await gateOf("after the death", true);
  const taskId = await submit(gate);
  expect(await ended(taskId)).toMatchObject(passed(gate));
  expect(gate.runs()).toHaveLength(1);
  expect(gate.runs()).not.toContain(pid);
});

test("SIGTERM ends a lingering worker at once, with exit code 0", async () => {
  const { taskArn } = await warmWorker("interrupted idle");
  local.cloud.ecs.spotInterrupt(taskArn);
  const stopped = await eventually("it to stop", () =>
    tasks().find((task) => task.taskArn === taskArn && task.lastStatus === "STOPPED"),
  );
  expect(stopped.containers[0]).toMatchObject({ exitCode: 0 });
  expect((stopped.stoppedAt ?? 0) - (stopped.stoppingAt ?? 0)).toBeLessThan(30);
  const gate = await gateOf("after the interruption", true);
  expect(await call(gate)).toBe(gate.result);
});

/** Whether the worker's log has the word, as a value. */
function hasSaid(taskArn: string, word: string): boolean {
  const lines = local.logs.filter((entry) => entry.taskArn === taskArn);
  return lines.some(({ text }) => String(text).includes(`"${word}"`));
}
