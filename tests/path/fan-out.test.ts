import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectModern } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath } from "../harness/local-path.ts";
import { answerOf, postModern } from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { startGatedPath } from "./gate/gated-path.ts";

const SHARDS = 6;
const PARALLEL = 3;

let local: LocalPath;
let token: string;
let parent: Gate;
let gates: Gate[];

beforeAll(async () => {
  local = await startGatedPath({ template: { lingerMs: 0 } });
  token = await local.token();
});
afterAll(() => local.close());
beforeEach(async () => {
  parent = await newGate("parent");
  gates = await Promise.all(Array.from({ length: SHARDS }, (_, index) => newGate(`${index}`)));
});
afterEach(async () => {
  await Promise.all(gates.map((gate) => gate.open()));
  await eventually("the workers to stop", () => atWork().length === 0);
  await Promise.all([parent, ...gates].map((gate) => gate.remove()));
});

const atWork = () => local.cloud.ecs.tasks().filter(({ lastStatus }) => lastStatus !== "STOPPED");

const ask = (method: string, params: Record<string, unknown>) =>
  postModern(local.mcpUrl, method, params, { token, tasks: true }).then(answerOf);

/** The id of the task that spreads over the gates. */
async function fanOut(): Promise<string> {
  const { folder } = parent.args;
  const input = { folder, gates: gates.map(({ args }) => args.folder), parallel: PARALLEL };
  const { result } = await ask("tools/call", { name: "fan", arguments: input });
  return String(result?.taskId);
}

const ended = (taskId: string) =>
  eventually("the task's end", async () => {
    const { result } = await ask("tasks/get", { taskId });
    return result?.status !== "working" && result;
  });

const started = () => gates.filter((gate) => gate.runs().length > 0);
const pids = () => [parent, ...gates].flatMap((gate) => gate.runs());

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const all = Array.from({ length: SHARDS }, (_, index) => `passed ${index}`).join(", ");

test("children run on workers of their own, as many at a time as the tool says, and end in order", async () => {
  const taskId = await fanOut();
  await eventually("three children", () => started().length === PARALLEL);
  await gates[2]?.open();
  await eventually("a fourth child", () => started().length === PARALLEL + 1);
  // The parent, those that wait at their gates, and nobody else.
  await eventually("the third's worker to stop", () => atWork().length === 1 + PARALLEL);
  await Promise.all(gates.map((gate) => gate.open()));
  expect(await ended(taskId)).toMatchObject({
    status: "completed",
    result: { content: [{ type: "text", text: all }] },
  });
  expect(new Set(pids()).size).toBe(1 + SHARDS);
});

test("a parent killed in the middle goes on with the children it has: none runs twice", async () => {
  const taskId = await fanOut();
  await eventually("three children", () => started().length === PARALLEL);
  await gates[0]?.open();
  await eventually("a fourth child", () => started().length === PARALLEL + 1);
  const [pid = 0] = parent.runs();
  process.kill(pid, "SIGKILL");
  // Ends while nobody waits for it.
  await gates[1]?.open();
  await eventually("the parent's second worker", () => parent.runs().length === 2);
  await Promise.all(gates.map((gate) => gate.open()));
  expect(await ended(taskId)).toMatchObject({
    status: "completed",
    result: { content: [{ type: "text", text: all }] },
  });
  expect(gates.map((gate) => gate.runs().length)).toEqual(gates.map(() => 1));
});

test("a child killed in the middle runs again; the others are not disturbed", async () => {
  const taskId = await fanOut();
  await eventually("three children", () => started().length === PARALLEL);
  const [pid = 0] = gates[1]?.runs() ?? [];
  process.kill(pid, "SIGKILL");
  await eventually("another worker", () => gates[1]?.runs().length === 2);
  await Promise.all(gates.map((gate) => gate.open()));
  expect(await ended(taskId)).toMatchObject({ status: "completed" });
  expect(gates.map((gate) => gate.runs().length)).toEqual([1, 2, 1, 1, 1, 1]);
});

test("cancelling the parent ends all of its children, and leaves no process", async () => {
  const taskId = await fanOut();
  await eventually("three children", () => started().length === PARALLEL);
  await ask("tasks/cancel", { taskId });
  await eventually("all processes to end", () => !pids().some(isAlive));
  expect(await ended(taskId)).toMatchObject({ status: "cancelled" });
  expect(started()).toHaveLength(PARALLEL);
});

test("children end with a cancelled parent also when its worker hangs", async () => {
  const taskId = await fanOut();
  await eventually("three children", () => started().length === PARALLEL);
  const [pid = 0] = parent.runs();
  process.kill(pid, "SIGSTOP");
  await ask("tasks/cancel", { taskId });
  const children = gates.flatMap((gate) => gate.runs());
  await eventually("the children to end", () => !children.some(isAlive));
  process.kill(pid, "SIGKILL");
  expect(await ended(taskId)).toMatchObject({ status: "cancelled" });
  expect(started()).toHaveLength(PARALLEL);
});

test("a child is no task of the client's", async () => {
  const taskId = await fanOut();
  await eventually("three children", () => started().length === PARALLEL);
  const jobs = local.cloud.ecs
    .tasks()
    .flatMap(({ overrides }) => overrides.containerOverrides)
    .flatMap(({ environment = [] }) => environment)
    .filter(({ name }) => name === "ZENODE_JOB")
    .map(({ value }) => String(JSON.parse(value).id));
  expect(jobs).toContain(taskId);
  for (const id of jobs.slice(jobs.indexOf(taskId) + 1)) {
    const { error } = await ask("tasks/get", { taskId: id });
    expect(error).toEqual({ code: -32602, message: "Task not found" });
  }
  await ask("tasks/cancel", { taskId });
  await ended(taskId);
});

test("report_projects reports on every project of the tenant, and says how many are done", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-projects-"));
  for (let index = 1; index <= SHARDS; index += 1) {
    const project = path.join(folder, `p${index}`);
    await mkdir(project);
    await writeFile(path.join(project, "a.ts"), "x\n".repeat(index));
    const pushed = await zenode("push", project, "--project", `p${index}`, "--state", local.state);
    expect(pushed.code, pushed.stderr).toBe(0);
  }
  await rm(folder, { recursive: true });
  const client = await connectModern(local.mcpUrl, token);
  const { structured, progress } = await client.call("report_projects", {});
  await client.close();
  expect(structured).toMatchObject({
    totals: { projects: SHARDS, files: SHARDS, lines: 21, bytes: 42 },
    projects: Array.from({ length: SHARDS }, (_, index) => ({
      project: `p${index + 1}`,
      lines: index + 1,
    })),
    failed: [],
  });
  // The SDKs drop a notification that comes in one piece with the answer, so the last may be missing.
  expect(progress.length).toBeGreaterThan(0);
  expect(progress.map(({ progress: done, total }) => [done, total])).toEqual(
    progress.map((_, index) => [index + 1, SHARDS]),
  );
  expect(errorLines(local)).toEqual([]);
});
