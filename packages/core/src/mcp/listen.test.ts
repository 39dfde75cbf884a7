import { expect, test } from "vitest";
import { ChangeBus } from "../changes/change-bus.ts";
import { MINUTE } from "../lib/duration.ts";
import { text } from "../tool/tool-result.ts";
import { Cloud, call, principal, realClock } from "./endpoint-harness.ts";
import { json, type Message, messagesOf, modernRequest, TASKS } from "./wire-harness.ts";

const ID = "io.modelcontextprotocol/subscriptionId";
const DONE = {
  state: "completed",
  outcome: { kind: "result", result: text("done") },
} as const;

function setUp() {
  const cloud = new Cloud();
  const bus = new ChangeBus({ log: cloud.log, clock: realClock });
  const listen = (notifications: object, more: { capabilities?: object; listenMs?: number } = {}) =>
    cloud
      .endpoint({ limits: { listenMs: more.listenMs ?? MINUTE } })
      .handle(
        modernRequest(
          "subscriptions/listen",
          { notifications },
          { capabilities: more.capabilities ?? {} },
        ),
        call(),
      );
  const callTask = async (who = principal()) => {
    const request = modernRequest(
      "tools/call",
      { name: "crunch", arguments: {} },
      { capabilities: { ...TASKS, elicitation: {} } },
    );
    return (await json(await cloud.endpoint().handle(request, call(who)))).result.taskId as string;
  };
  return { cloud, bus, listen, callTask };
}

async function next(messages: AsyncIterator<Message>): Promise<Message> {
  const { value, done } = await messages.next();
  if (done) throw new Error("The stream has ended.");
  return value;
}

test("the acknowledgement comes first, then what another process published; each names its subscription", async () => {
  const { bus, listen } = setUp();
  const response = await listen({ toolsListChanged: true });
  const messages = messagesOf(response);
  expect(await next(messages)).toEqual({
    jsonrpc: "2.0",
    method: "notifications/subscriptions/acknowledged",
    params: { notifications: { toolsListChanged: true }, _meta: { [ID]: 1 } },
  });
  await bus.publish("t-other", { kind: "tools" });
  await bus.publish("t-one", { kind: "prompts" });
  await bus.publish("t-one", { kind: "tools" });
  expect(await next(messages)).toEqual({
    jsonrpc: "2.0",
    method: "notifications/tools/list_changed",
    params: { _meta: { [ID]: 1 } },
  });
  await messages.return(undefined);
});

test("a snapshot is told to those whose file it changed", async () => {
  const { cloud, bus, listen } = setUp();
  const uris = ["zenode://app/a", "zenode://app/b", "zenode://other/a"];
  const push = async (a: string, b: string) => {
    await cloud.push("app", { a, b });
    await bus.publish("t-one", { kind: "project", project: "app" });
  };
  await cloud.push("app", { a: "1", b: "1" });
  const messages = messagesOf(await listen({ resourceSubscriptions: uris }));
  expect((await next(messages)).params.notifications).toEqual({ resourceSubscriptions: uris });
  await push("2", "1");
  expect((await next(messages)).params.uri).toBe("zenode://app/a");
  await push("2", "1");
  await push("2", "2");
  expect((await next(messages)).params.uri).toBe("zenode://app/b");
  await messages.return(undefined);
});

test("a stream ends with a result when its time is over", async () => {
  const { listen } = setUp();
  const response = await listen({ toolsListChanged: true }, { listenMs: 20 });
  const all: Message[] = [];
  for await (const message of messagesOf(response)) all.push(message);
  expect(all.map(({ method, id }) => method ?? id)).toEqual([
    "notifications/subscriptions/acknowledged",
    1,
  ]);
  expect(all[1]?.result).toMatchObject({ resultType: "complete", _meta: { [ID]: 1 } });
});

test("what can't be delivered is not acknowledged, and a stream of nothing ends at once", async () => {
  const { listen } = setUp();
  const response = await listen({ resourceSubscriptions: ["file:///etc/passwd"] });
  const all: Message[] = [];
  for await (const message of messagesOf(response)) all.push(message);
  expect(all).toHaveLength(2);
  expect(all[0]?.params.notifications).toEqual({});
});

test("a task is told whole, each time its state changes, until it has ended; then the stream ends [task-pushed] [task-listen-ack]", async () => {
  const { cloud, listen, callTask } = setUp();
  const taskId = await callTask();
  const response = await listen({ taskIds: [taskId, taskId] }, { capabilities: TASKS });
  const messages = messagesOf(response);
  expect((await next(messages)).params.notifications).toEqual({ taskIds: [taskId] });
  expect(await next(messages)).toMatchObject({
    method: "notifications/tasks",
    params: { taskId, status: "working", _meta: { [ID]: 1 } },
  });
  const [order] = cloud.launcher.launched;
  if (!order) throw new Error("Nothing was launched.");
  await cloud.work(order, [{ kind: "progress", data: { progress: 1 } }], DONE);
  const ended = await next(messages);
  expect(ended).toMatchObject({
    method: "notifications/tasks",
    params: { taskId, status: "completed", result: { content: [{ text: "done" }] } },
  });
  const get = modernRequest("tasks/get", { taskId }, { capabilities: TASKS });
  const {
    resultType: _,
    _meta: __,
    ...answer
  } = (await json(await cloud.endpoint().handle(get, call()))).result;
  const { _meta: ___, ...told } = ended.params;
  expect(told).toEqual(answer);
  expect((await next(messages)).result).toMatchObject({ resultType: "complete" });
});

test("tasks of others and unknown ones are left out", async () => {
  const { listen, callTask } = setUp();
  const theirs = await callTask(principal("eve"));
  const response = await listen(
    { taskIds: [theirs, `task_${"0".repeat(32)}`, "nonsense"] },
    { capabilities: TASKS },
  );
  const all: Message[] = [];
  for await (const message of messagesOf(response)) all.push(message);
  expect(all.map(({ params }) => params?.notifications)).toEqual([{}, undefined]);
});

test("task ids without the extension are -32021 [task-listen-declared]", async () => {
  const { listen } = setUp();
  const response = await listen({ taskIds: [] });
  expect(response.status).toBe(400);
  expect((await json(response)).error).toMatchObject({
    code: -32021,
    data: { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } },
  });
});

test.each([
  ["no filter", undefined],
  ["a filter of the wrong shape", { toolsListChanged: "yes" }],
  ["too many tasks", { taskIds: Array.from({ length: 51 }, (_, index) => `task_${index}`) }],
])("%s is -32602", async (_, notifications) => {
  const { cloud } = setUp();
  const request = modernRequest("subscriptions/listen", { notifications }, { capabilities: TASKS });
  const { error } = await json(await cloud.endpoint().handle(request, call()));
  expect(error).toMatchObject({ code: -32602 });
});
