import { expect, test, vi } from "vitest";
import { createCalls } from "../burst/calls.ts";
import { DAY } from "../lib/duration.ts";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { MemoryPlacementHistory } from "../testing/placement-history-memory.ts";
import type { Projects } from "../workspace/projects.ts";
import { Cloud, call, realClock } from "./endpoint-harness.ts";
import { json, modernRequest, TASKS } from "./wire-harness.ts";

const crunch = { name: "crunch", arguments: {} };
const declared = { capabilities: TASKS };

async function ask(cloud: Cloud, method: string, params: Record<string, unknown>) {
  return json(await cloud.endpoint().handle(modernRequest(method, params, declared), call()));
}

test("ids are of 122 random bits, and no two alike [task-unguessable]", async () => {
  const ids = new Set<string>();
  for (let size = 0; size < 20; size += 1) {
    const { result } = await ask(new Cloud(), "tools/call", { ...crunch, arguments: { size } });
    expect(result.taskId).toMatch(/^task_[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    ids.add(result.taskId);
  }
  expect(ids.size).toBe(20);
});

test("the task parameter of 2025-11-25 declares nothing and changes nothing [task-old-parameter]", async () => {
  const cloud = new Cloud();
  const params = { name: "echo", arguments: { text: "hi" }, task: { ttl: 1000 } };
  const old = { capabilities: { tasks: { requests: { tools: { call: {} } } } } };
  const echoed = await cloud.endpoint().handle(modernRequest("tools/call", params, old), call());
  expect((await json(echoed)).result).toMatchObject({
    resultType: "complete",
    content: [{ type: "text", text: "hi" }],
  });
  const needs = modernRequest("tools/call", { ...params, name: "crunch_task", arguments: {} }, old);
  const refused = await cloud.endpoint().handle(needs, call());
  expect([refused.status, (await json(refused)).error.code]).toEqual([400, -32021]);
});

test("a handle is one JSON answer; no progress or log messages go with it [task-no-progress]", async () => {
  const cloud = new Cloud();
  const meta = { progressToken: "p", "io.modelcontextprotocol/logLevel": "debug" };
  const request = modernRequest("tools/call", crunch, { ...declared, meta });
  const response = await cloud.endpoint().handle(request, call());
  expect(response.headers.get("content-type")).toContain("application/json");
  expect((await json(response)).result.resultType).toBe("task");
});

test("a cancelled request does not stop the task it made [task-cancel-by-method]", async () => {
  const cloud = new Cloud();
  const { taskId } = (await ask(cloud, "tools/call", crunch)).result;
  const request = modernRequest("notifications/cancelled", { requestId: 1 });
  const { id: _, ...body } = (await request.clone().json()) as Record<string, unknown>;
  const { url, headers } = request;
  const cancel = new Request(url, { method: "POST", headers, body: JSON.stringify(body) });
  expect((await cloud.endpoint().handle(cancel, call())).status).toBe(202);
  expect((await ask(cloud, "tasks/get", { taskId })).result.status).toBe("working");
});

test("a task is found until its time is over, and not a moment longer [task-kept]", async () => {
  let now = realClock.now();
  const clock = { ...realClock, now: () => now };
  const cloud = new Cloud();
  const calls = createCalls({
    jobs: new MemoryJobStore(clock),
    log: cloud.log,
    results: cloud.results,
    launcher: cloud.launcher,
    queue: cloud.queue,
    wakeups: cloud.wakeups,
    clock,
    projects: () => ({}) as Projects,
    history: new MemoryPlacementHistory(),
    report: (cause) => cloud.reported.push(cause),
  });
  const endpoint = cloud.endpoint({ calls, clock });
  const send = async (method: string, params: Record<string, unknown>) =>
    json(await endpoint.handle(modernRequest(method, params, declared), call()));
  const { taskId, ttlMs, createdAt } = (await send("tools/call", crunch)).result;
  expect([ttlMs, createdAt]).toEqual([DAY, new Date(now).toISOString()]);
  now += ttlMs - 1;
  expect((await send("tasks/get", { taskId })).result.taskId).toBe(taskId);
  now += 1;
  expect((await send("tasks/get", { taskId })).error).toEqual({
    code: -32602,
    message: "Task not found",
  });
  await vi.waitFor(() => expect(cloud.launcher.launched).toHaveLength(1));
});
