import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectLegacy, connectModern } from "../harness/clients.ts";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { answerOf, type Message, messagesOf, postModern, textOf } from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { startGatedPath } from "./gate/gated-path.ts";

let local: LocalPath;
let token: string;
let gate: Gate;
let served: number[] = [];

beforeAll(async () => {
  local = await startGatedPath({
    // What counts here is that workers stop.
    template: { lingerMs: 0 },
    emulator: {
      lambda: {
        rotation: { kind: "strict", minProcesses: 3 },
        report: (invocation) => {
          if (invocation.function === "mcp") served.push(invocation.pid);
        },
      },
    },
  });
  token = await local.token();
});
afterAll(() => local.close());
beforeEach(async () => {
  gate = await newGate();
  served = [];
});
afterEach(async () => {
  await gate.open();
  await eventually("the workers to stop", workersStopped);
  await gate.remove();
});

const workersStopped = () =>
  local.cloud.ecs.tasks().every(({ lastStatus }) => lastStatus === "STOPPED");

const ask = (method: string, params: Record<string, unknown>) =>
  postModern(local.mcpUrl, method, params, { token, tasks: true }).then(answerOf);

const callGate = () => ask("tools/call", { name: "gate", arguments: gate.args });

const getTask = (taskId: unknown) => ask("tasks/get", { taskId });

const callTaskTool = (action: string, taskId: unknown) =>
  postModern(
    local.mcpUrl,
    "tools/call",
    { name: "task", arguments: { action, task_id: taskId } },
    { token },
  ).then(answerOf);

const ended = (taskId: unknown) =>
  eventually("the task's end", async () => {
    const { result } = await getTask(taskId);
    return result?.status !== "working" && result;
  });

/** Reads a stream up to its first progress notification and leaves it: the connection closes. */
async function leaveAtFirstProgress(): Promise<Message> {
  const response = await postModern(
    local.mcpUrl,
    "tools/call",
    { name: "gate", arguments: gate.args },
    { token, progressToken: "p" },
  );
  for await (const message of messagesOf(response)) return message;
  throw new Error("The stream ended without a word.");
}

test("a client that declares tasks gets a handle that every process knows at once", async () => {
  const { result: handle } = await callGate();
  expect(handle).toMatchObject({
    resultType: "task",
    taskId: expect.stringMatching(/^task_[0-9a-f]{32}$/),
    status: "working",
    ttlMs: 24 * 3600 * 1000,
    pollIntervalMs: expect.any(Number),
  });
  expect(handle).not.toHaveProperty("content");
  const { result: task } = await getTask(handle?.taskId);
  expect(task).toMatchObject({ resultType: "complete", taskId: handle?.taskId, status: "working" });
  await eventually("two invocations to end", () => served.length >= 2);
  expect(new Set(served).size).toBe(2);

  await gate.open();
  expect(await ended(handle?.taskId)).toMatchObject({
    status: "completed",
    result: { resultType: "complete", content: [{ type: "text", text: gate.result }] },
  });
  expect(gate.runs()).toHaveLength(1);
});

test("a cancelled task ends as cancelled, and its worker stops", async () => {
  const { result: handle } = await callGate();
  await eventually("the worker to run", () => gate.runs().length === 1);
  expect((await ask("tasks/cancel", { taskId: handle?.taskId })).result).toMatchObject({
    resultType: "complete",
  });
  expect(await ended(handle?.taskId)).toMatchObject({ status: "cancelled" });
  await eventually("the worker's process to stop", workersStopped);
  expect((await ask("tasks/cancel", { taskId: handle?.taskId })).error).toBeUndefined();
  expect((await getTask(handle?.taskId)).result).toMatchObject({ status: "cancelled" });
});

test("the same call is the same task while it runs, and a new one afterwards", async () => {
  const first = await callGate();
  const second = await callGate();
  expect(second.result?.taskId).toBe(first.result?.taskId);
  await gate.open();
  await ended(first.result?.taskId);
  const third = await callGate();
  expect(third.result?.taskId).not.toBe(first.result?.taskId);
  await ended(third.result?.taskId);
  expect(gate.runs()).toHaveLength(2);
});

test("calls made at the same moment are one task and one run", async () => {
  const handles = await Promise.all([callGate(), callGate(), callGate(), callGate()]);
  const ids = new Set(handles.map(({ result }) => result?.taskId));
  expect(ids.size).toBe(1);
  await gate.open();
  await ended([...ids][0]);
  expect(gate.runs()).toHaveLength(1);
});

test("a stream that broke is taken up by asking again", async () => {
  const first = await leaveAtFirstProgress();
  expect(first).toMatchObject({
    method: "notifications/progress",
    params: { progressToken: "p", progress: 1, total: 2, message: "waiting" },
  });
  const again = await postModern(
    local.mcpUrl,
    "tools/call",
    { name: "gate", arguments: gate.args },
    { token },
  );
  await gate.open();
  expect(textOf(await answerOf(again))).toBe(gate.result);
  expect(gate.runs()).toHaveLength(1);
});

test("a stream that broke is taken up by the task tool", async () => {
  await leaveAtFirstProgress();
  const { result: handle } = await callGate();
  const taskId = handle?.taskId;
  const status = await callTaskTool("status", taskId);
  expect(status.result?.structuredContent).toMatchObject({ taskId, status: "working" });
  const waiting = callTaskTool("wait", taskId);
  await gate.open();
  expect(textOf(await waiting)).toBe(gate.result);
  expect(textOf(await callTaskTool("result", taskId))).toBe(gate.result);
  expect(gate.runs()).toHaveLength(1);
});

test.each([
  ["2026-07-28", connectModern],
  ["2025-11-25", connectLegacy],
] as const)("progress reaches a client of %s while its worker runs", async (_, connect) => {
  const client = await connect(local.mcpUrl, token);
  // The gate is opened by the progress itself: a result can only follow what the client has heard.
  const { text, progress } = await client.call("gate", gate.args, () => gate.open());
  expect(text).toBe(gate.result);
  expect(progress).toEqual([
    { progress: 1, total: 2, message: "waiting" },
    { progress: 2, total: 2, message: "passed" },
  ]);
  await client.close();
});

test("a legacy client's broken stream goes on where it was, by itself", async () => {
  const client = await connectLegacy(local.mcpUrl, token);
  local.cloud.faults.add({
    service: "gateway",
    operation: "POST /mcp",
    action: { kind: "tear", afterBytes: 400 },
    times: 1,
  });
  const call = client.call("gate", gate.args);
  await eventually("the broken stream", () =>
    local.logs.some(({ path, complete }) => path === "/local/mcp" && complete === false),
  );
  await gate.open();
  const { text, progress } = await call;
  expect(text).toBe(gate.result);
  expect(progress.map(({ message }) => message)).toEqual(["waiting", "passed"]);
  expect(gate.runs()).toHaveLength(1);
  expect(local.logs.some(({ method, status }) => method === "GET" && status === 200)).toBe(true);
  await client.close();
});

test("a task is its caller's alone", async () => {
  const { result: handle } = await callGate();
  const alice = await local.token("alice");
  for (const method of ["tasks/get", "tasks/cancel", "tasks/update"]) {
    const response = await postModern(
      local.mcpUrl,
      method,
      { taskId: handle?.taskId, inputResponses: {} },
      { token: alice, tasks: true },
    );
    expect((await answerOf(response)).error).toEqual({ code: -32602, message: "Task not found" });
  }
  expect((await getTask(handle?.taskId)).result).toMatchObject({ status: "working" });
});

test("a request without the extension gets no handle and no task methods [task-declared-per-request]", async () => {
  await gate.open();
  const plain = await postModern(
    local.mcpUrl,
    "tools/call",
    { name: "gate", arguments: gate.args },
    { token },
  );
  expect((await answerOf(plain)).result).toMatchObject({ resultType: "complete" });
  const refused = await postModern(
    local.mcpUrl,
    "tasks/get",
    { taskId: `task_${"0".repeat(32)}` },
    { token },
  );
  expect(refused.status).toBe(400);
  expect((await answerOf(refused)).error).toMatchObject({ code: -32021 });
});
