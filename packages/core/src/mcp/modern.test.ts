import { describe, expect, test, vi } from "vitest";
import type { JobEnd } from "../burst/job-store.ts";
import { text } from "../tool/tool-result.ts";
import { Cloud, call, principal } from "./endpoint-harness.ts";
import { events, json, type Message, messages, modernRequest, TASKS } from "./wire-harness.ts";

const DONE: JobEnd = { state: "completed", outcome: { kind: "result", result: text("crunched") } };
const crunch = { name: "crunch", arguments: {} };

async function launched(cloud: Cloud) {
  await vi.waitFor(() => expect(cloud.launcher.launched).toHaveLength(1), { interval: 2 });
  const [order] = cloud.launcher.launched;
  if (!order) throw new Error("Nothing was launched.");
  return order;
}

describe("the catalogue", () => {
  test("tools are listed by name with JSON schemas, cacheable for everyone [http26-cache-hints] [http26-stable-order]", async () => {
    const response = await new Cloud().endpoint().handle(modernRequest("tools/list"), call());
    const { result } = await json(response);
    const names = result.tools.map(({ name }: { name: string }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).toContain("task");
    expect(result).toMatchObject({ resultType: "complete", ttlMs: 300_000, cacheScope: "public" });
    expect(result.tools[names.indexOf("echo")]).toMatchObject({
      name: "echo",
      inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      outputSchema: { type: "object" },
    });
  });

  test("no output is promised for calls that may become tasks", async () => {
    const response = await new Cloud().endpoint().handle(modernRequest("tools/list"), call());
    const { tools } = (await json(response)).result;
    expect(tools.find(({ name }: { name: string }) => name === "crunch").outputSchema).toBe(
      undefined,
    );
  });

  test("discovery tells the tasks extension and no session features [http26-discover] [task-advertised]", async () => {
    const response = await new Cloud().endpoint().handle(modernRequest("server/discover"), call());
    const { result } = await json(response);
    expect(result.supportedVersions).toEqual(["2026-07-28"]);
    expect(result.capabilities).toEqual({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
      extensions: { "io.modelcontextprotocol/tasks": {} },
    });
  });
});

describe("calls in this process", () => {
  const ask = async (params: Record<string, unknown>, options = {}) =>
    new Cloud().endpoint().handle(modernRequest("tools/call", params, options), call());

  test("a quick call is answered as JSON", async () => {
    const response = await ask({ name: "echo", arguments: { text: "hi" } });
    expect(response.headers.get("content-type")).toContain("application/json");
    expect((await json(response)).result.content).toEqual([{ type: "text", text: "hi" }]);
  });

  test("an unknown tool is -32602", async () => {
    const { error } = await json(await ask({ name: "nope", arguments: {} }));
    expect(error).toMatchObject({ code: -32602, message: "Unknown tool: nope" });
  });

  test("bad arguments are a result that names them", async () => {
    const { result } = await json(await ask({ name: "echo", arguments: { text: 5 } }));
    expect(result.isError).toBe(true);
    expect(result.content[0].text).toMatch(/^Invalid arguments for tool echo:\ntext: /);
  });

  test("progress goes to a client that gave a token, log messages to one that set a level [http26-sse-own] [http26-sse-ends]", async () => {
    const meta = { progressToken: "p1", "io.modelcontextprotocol/logLevel": "info" };
    const said = await messages(await ask({ name: "count", arguments: {} }, { meta }));
    expect(said.map(({ method, params }) => [method, params?.progress ?? params?.data])).toEqual([
      ["notifications/progress", 1],
      ["notifications/message", "between"],
      ["notifications/progress", 2],
      [undefined, undefined],
    ]);
    expect(said.at(-1)?.result.structuredContent).toEqual({ counted: 2 });
  });

  test("without a token and a level the same call is plain JSON [http26-log-level] [http26-json-or-sse]", async () => {
    const response = await ask({ name: "count", arguments: {} });
    expect(response.headers.get("content-type")).toContain("application/json");
  });

  test("a client that leaves stops the tool [http26-disconnect]", async () => {
    const leaving = new AbortController();
    const answer = ask({ name: "hang", arguments: {} }, { signal: leaving.signal });
    setTimeout(() => leaving.abort(), 20);
    expect((await answer).status).toBe(499);
  });
});

describe("calls on workers", () => {
  test("a client without tasks gets progress and result on a stream [task-else-synchronous]", async () => {
    const cloud = new Cloud();
    const request = modernRequest("tools/call", crunch, { meta: { progressToken: 9 } });
    const response = await cloud.endpoint().handle(request, call());
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const progress = (value: number) => ({ kind: "progress", data: { progress: value, total: 3 } });
    const repeated = [progress(1), progress(2), progress(1), progress(3)];
    await cloud.work(await launched(cloud), repeated, DONE);
    const said = await messages(response);
    expect(said.map(({ params }) => params?.progress)).toEqual([1, 2, 3, undefined]);
    expect(said[0]?.params.progressToken).toBe(9);
    expect(said.at(-1)?.result.content).toEqual([{ type: "text", text: "crunched" }]);
  });

  test("a quiet stream opens at once and is kept alive by comments [http26-keep-alive]", async () => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint({ limits: { keepAliveMs: 10 } });
    const response = await endpoint.handle(modernRequest("tools/call", crunch), call());
    const stream = events(response);
    expect((await stream.next()).value).toEqual({ comment: "keepalive" });
    expect((await stream.next()).value).toEqual({ comment: "keepalive" });
    await cloud.work(await launched(cloud), [], DONE);
    const rest: string[] = [];
    for await (const { data } of stream) if (data) rest.push(data);
    expect(rest).toHaveLength(1);
  });

  test("a stream that must end first names the task, and the task tool has the rest", async () => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint({ limits: { patienceMs: 30 } });
    const response = await endpoint.handle(modernRequest("tools/call", crunch), call());
    const [note] = await messages(response);
    const order = await launched(cloud);
    expect(note?.result.isError).toBeUndefined();
    expect(note?.result.content[0].text).toBe(
      `crunch is still running as task ${order.id}; nothing is lost. Call the tool task with {"action":"wait","task_id":"${order.id}"} to wait for its result.`,
    );
    const wait = { name: "task", arguments: { action: "wait", task_id: order.id } };
    const waiting = await endpoint.handle(modernRequest("tools/call", wait), call());
    await cloud.work(order, [], DONE);
    const [rest] = await messages(waiting);
    expect(rest?.result.content).toEqual([{ type: "text", text: "crunched" }]);
  });

  test("a platform failure of the job is an error, its own failure a result", async () => {
    const outcomes: Message[] = [];
    const message = "The worker stopped 3 times.";
    for (const end of [
      { state: "failed", outcome: { kind: "error", code: "worker_lost", message } },
      { state: "completed", outcome: { kind: "result", result: { ...text("no"), isError: true } } },
    ] satisfies JobEnd[]) {
      const cloud = new Cloud();
      const response = await cloud.endpoint().handle(modernRequest("tools/call", crunch), call());
      await cloud.work(await launched(cloud), [], end);
      outcomes.push(...(await messages(response)));
    }
    expect(outcomes[0]?.error).toEqual({ code: -32603, message });
    expect(outcomes[1]?.result.isError).toBe(true);
  });

  test("a client that leaves does not stop the job", async () => {
    const cloud = new Cloud();
    const response = await cloud.endpoint().handle(modernRequest("tools/call", crunch), call());
    const order = await launched(cloud);
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await cloud.jobs.get(order.tenant, order.id))?.cancelRequested).toBe(false);
    expect(cloud.reported).toEqual([]);
  });
});

describe("the tasks extension", () => {
  const declared = { capabilities: TASKS };
  const start = async (cloud: Cloud): Promise<Message> => {
    const request = modernRequest("tools/call", crunch, declared);
    return json(await cloud.endpoint().handle(request, call()));
  };
  const ask = async (cloud: Cloud, method: string, taskId: string, who = principal()) => {
    const request = modernRequest(method, { taskId }, declared);
    return json(await cloud.endpoint().handle(request, call(who)));
  };

  test("a client that declares it gets a handle that is the task and nothing else [task-flat-handle] [task-integers]", async () => {
    const cloud = new Cloud();
    const { result } = await start(cloud);
    const order = await launched(cloud);
    const { _meta, createdAt, lastUpdatedAt, ...rest } = result;
    expect(rest).toEqual({
      resultType: "task",
      taskId: order.id,
      status: "working",
      ttlMs: 86_400_000,
      pollIntervalMs: 1000,
    });
    expect(createdAt).toBe(lastUpdatedAt);
    expect(new Date(createdAt).toISOString()).toBe(createdAt);
  });

  test("the task can be asked for at once, and has the result when it ended [task-durable] [task-variant] [task-result-type]", async () => {
    const cloud = new Cloud();
    const { taskId } = (await start(cloud)).result;
    expect((await ask(cloud, "tasks/get", taskId)).result).toMatchObject({
      resultType: "complete",
      taskId,
      status: "working",
    });
    await cloud.work(await launched(cloud), [], DONE);
    const { result } = await ask(cloud, "tasks/get", taskId);
    expect(result).toMatchObject({
      status: "completed",
      result: { content: [{ type: "text", text: "crunched" }] },
    });
    expect(result).not.toHaveProperty("pollIntervalMs");
  });

  test("unknown, malformed and foreign tasks are one answer [task-unknown] [task-principal] [task-update-unknown] [task-cancel-unknown]", async () => {
    const cloud = new Cloud();
    const { taskId } = (await start(cloud)).result;
    const unknown = taskId.replace(/.{4}$/, "0000");
    const answers = await Promise.all([
      ask(cloud, "tasks/get", unknown),
      ask(cloud, "tasks/get", "nonsense"),
      ask(cloud, "tasks/get", taskId, principal("bob")),
      ask(cloud, "tasks/cancel", taskId, principal("bob")),
      ask(cloud, "tasks/update", taskId, { ...principal(), tenant: "t-two" }),
    ]);
    for (const { error } of answers) {
      expect(error).toEqual({ code: -32602, message: "Task not found" });
    }
  });

  test("cancelling is acknowledged, again too, and an update is passed over [task-cancel-ack] [task-update-ack] [task-update-ignores]", async () => {
    const cloud = new Cloud();
    const { taskId } = (await start(cloud)).result;
    for (const method of ["tasks/cancel", "tasks/cancel", "tasks/update"]) {
      const { _meta, ...ack } = (await ask(cloud, method, taskId)).result;
      expect(ack).toEqual({ resultType: "complete" });
    }
    expect((await ask(cloud, "tasks/get", taskId)).result.status).toBe("cancelled");
  });

  test.each(["tasks/get", "tasks/update", "tasks/cancel"])(
    "%s without the extension is -32021 with HTTP 400 [task-methods-declared]",
    async (method) => {
      const request = modernRequest(method, { taskId: "task_1" });
      const response = await new Cloud().endpoint().handle(request, call());
      const { error } = await json(response);
      expect([response.status, error.code, error.data]).toEqual([
        400,
        -32021,
        { requiredCapabilities: TASKS },
      ]);
    },
  );

  test("a tool that runs only as a task needs the extension, and nothing is launched without [task-required] [http26-capability]", async () => {
    const cloud = new Cloud();
    const request = modernRequest("tools/call", { name: "crunch_task", arguments: {} });
    const response = await cloud.endpoint().handle(request, call());
    expect([response.status, (await json(response)).error.code]).toEqual([400, -32021]);
    expect(cloud.launcher.launched).toEqual([]);
  });
});

describe("the task tool", () => {
  const use = async (
    cloud: Cloud,
    action: string,
    task_id?: string,
    who = principal(),
    more: Record<string, unknown> = {},
  ) => {
    const params = { name: "task", arguments: { action, task_id, ...more } };
    const response = await cloud.endpoint().handle(modernRequest("tools/call", params), call(who));
    return (await json(response)).result;
  };
  const start = async (cloud: Cloud) => {
    const request = modernRequest("tools/call", crunch, { capabilities: TASKS });
    await cloud.endpoint().handle(request, call());
    return (await launched(cloud)).id;
  };

  test("status tells the state, result the result or that it is not there yet", async () => {
    const cloud = new Cloud();
    const id = await start(cloud);
    expect((await use(cloud, "status", id)).structuredContent).toMatchObject({ status: "working" });
    expect((await use(cloud, "result", id)).content[0].text).toContain("still running");
    await cloud.work(await launched(cloud), [], DONE);
    expect((await use(cloud, "result", id)).content[0].text).toBe("crunched");
    expect((await use(cloud, "wait", id)).content[0].text).toBe("crunched");
  });

  test("cancel stops it, and its result then says so", async () => {
    const cloud = new Cloud();
    const id = await start(cloud);
    expect((await use(cloud, "cancel", id)).structuredContent.status).toBe("cancelled");
    const { isError, content } = await use(cloud, "result", id);
    expect([isError, content[0].text]).toEqual([true, `Task ${id} was cancelled.`]);
  });

  test("list names the caller's own tasks, newest first, and what to do with them", async () => {
    const cloud = new Cloud();
    expect((await use(cloud, "list")).content[0].text).toBe("You have no tasks.");
    const id = await start(cloud);
    const { content, structuredContent } = await use(cloud, "list");
    expect(content[0].text).toMatch(
      new RegExp(
        `^crunch, task ${id}: queued, 0 s after its start. Started \\d+ s ago.\nCall task`,
      ),
    );
    expect(structuredContent.tasks).toMatchObject([
      { taskId: id, status: "working", tool: "crunch" },
    ]);
    expect((await use(cloud, "list", undefined, principal("bob"))).content[0].text).toBe(
      "You have no tasks.",
    );
  });

  test("a task that is not named is asked for", async () => {
    const { isError, content } = await use(new Cloud(), "wait");
    expect([isError, content[0].text]).toEqual([
      true,
      "wait needs task_id; the action list names your tasks.",
    ]);
  });

  test("a page of a result says where it lies and what comes next", async () => {
    const cloud = new Cloud();
    const id = await start(cloud);
    const outcome = { kind: "result", result: text("one\ntwo\nthree\n") } as const;
    await cloud.work(await launched(cloud), [], { state: "completed", outcome });
    const page = (offset: number, limit: number) =>
      use(cloud, "result", id, principal(), { offset, limit });
    const first = await page(0, 9);
    expect(first.content.map((block: { text: string }) => block.text)).toEqual([
      "one\ntwo\n",
      `Characters 0 to 8 of 14 of the result of ${id}. Go on with {"action":"result","task_id":"${id}","offset":8}.`,
    ]);
    expect((await page(8, 100)).content[1].text).toBe(
      `Characters 8 to 14 of 14 of the result of ${id}. This is its end.`,
    );
    expect((await page(15, 100)).content[0].text).toBe(
      "The result's text has 14 characters; there is none at 15.",
    );
  });

  test("somebody else's task is no task", async () => {
    const cloud = new Cloud();
    const id = await start(cloud);
    const { isError, content } = await use(cloud, "result", id, principal("bob"));
    expect([isError, content[0].text]).toEqual([
      true,
      `There is no task ${id}; tasks are kept a day. The action list names yours.`,
    ]);
  });
});

test("a modern request touches no session [http26-sessionless]", async () => {
  const cloud = new Cloud();
  cloud.sessions.get = () => Promise.reject(new Error("a session was read"));
  cloud.sessions.create = () => Promise.reject(new Error("a session was written"));
  const request = modernRequest("tools/list", {}, { headers: { "Mcp-Session-Id": "x" } });
  const response = await cloud.endpoint().handle(request, call());
  expect([response.status, response.headers.get("mcp-session-id")]).toEqual([200, null]);
});
