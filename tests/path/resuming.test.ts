import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { CloudTemplate } from "@zenode/emulator";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectLegacy, connectModern } from "../harness/clients.ts";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { answerOf, postModern, textOf } from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { startGatedPath } from "./gate/gated-path.ts";

let local: LocalPath;
let token: string;
let gate: Gate;

beforeAll(async () => {
  const rotation = { kind: "strict", minProcesses: 3 } as const;
  local = await startGatedPath({
    emulator: { lambda: { rotation } },
    template: { lingerMs: 0, adjust: hasten },
  });
  token = await local.token();
});
afterAll(() => local.close());
beforeEach(async () => {
  gate = await newGate();
});
afterEach(async () => {
  await gate.open();
  await eventually("the workers to stop", isIdle);
  await gate.remove();
});

/** Workers soon park, Lambda soon lets go. */
function hasten(template: CloudTemplate): CloudTemplate {
  const with_ = <Part extends { readonly environment: Readonly<Record<string, string>> }>(
    part: Part,
    environment: Record<string, string>,
  ) => ({ ...part, environment: { ...part.environment, ...environment } });
  return {
    ...template,
    functions: template.functions.map((one) => with_(one, { ZENODE_HERE_MS: "400" })),
    taskDefinitions: template.taskDefinitions.map((one) =>
      with_(one, { ZENODE_ASK_PATIENCE_MS: "300" }),
    ),
  };
}

const isIdle = () => local.cloud.ecs.tasks().every(({ lastStatus }) => lastStatus === "STOPPED");
const workers = () => local.cloud.ecs.tasks().length;

const CAPABILITIES = { elicitation: { form: {} } };
const ask = (method: string, params: Record<string, unknown>, tasks = true) =>
  postModern(local.mcpUrl, method, params, {
    token,
    tasks,
    capabilities: CAPABILITIES,
    progressToken: "p",
  });

const running = () => {
  const task = local.cloud.ecs.tasks().find(({ lastStatus }) => lastStatus === "RUNNING");
  if (!task) throw new Error("No worker runs.");
  return task.taskArn;
};

test("interrupted and killed, more often than a job may fail, a tool goes on where it was; its progress only grows", async () => {
  const client = await connectModern(local.mcpUrl, token);
  const call = client.call("climb", gate.args);
  const reached = (run: number) => eventually(`run ${run}`, () => gate.resumed().length === run);
  for (const [run, end] of ["spot", "kill", "spot", "kill"].entries()) {
    await reached(run + 1);
    const heard = [0, 10, 11, 21][run];
    expect(gate.resumed().at(-1)).toBe(heard);
    if (end === "spot") local.cloud.ecs.spotInterrupt(running());
    else await killed(run + 1);
  }
  await reached(5);
  expect(gate.resumed()).toEqual([0, 10, 11, 21, 22]);
  await gate.open();
  const { text, progress } = await call;
  expect(text).toBe("resumed at 22");
  const told = progress.map((one) => one.progress);
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  await client.close();
});

/** SIGKILL, once the run has made its checkpoint. */
async function killed(run: number): Promise<void> {
  await eventually("the checkpoint", () => gate.started().length === run);
  local.cloud.ecs.kill(running());
}

const answerTo = (message: string) => message.replace("?", "").split(" ").at(-1) ?? "";
const ANSWERS = "first second second";

interface Asking {
  readonly inputRequests?: Readonly<Record<string, { params: { message: string } }>>;
  readonly requestState?: string;
  readonly status?: string;
  readonly result?: unknown;
}

function responsesTo({ inputRequests = {} }: Asking) {
  return Object.fromEntries(
    Object.entries(inputRequests).map(([key, { params }]) => [
      key,
      { action: "accept", content: { answer: answerTo(params.message) } },
    ]),
  );
}

/** Until nobody is paid to wait for the person any longer. */
const parked = (from: number) =>
  eventually("the job to be parked", () => workers() > from && isIdle());

test("a parked task is answered by tasks/update, part by part, and goes on each time", async () => {
  const before = workers();
  const params = { name: "ask_on_worker", arguments: { label: "task" } };
  const { result: handle } = await answerOf(await ask("tools/call", params));
  const taskId = handle?.taskId;
  const get = async () => (await answerOf(await ask("tasks/get", { taskId }))).result as Asking;
  const update = async (inputResponses: object) =>
    answerOf(await ask("tasks/update", { taskId, inputResponses }));
  await parked(before);
  const first = responsesTo(await get());
  const [[one, answer] = [], ...others] = Object.entries(first);
  await update({ [String(one)]: answer });
  expect(await get()).toMatchObject({ status: "input_required" });
  expect(workers()).toBe(before + 1);
  await update(Object.fromEntries(others));
  await parked(before + 1);
  expect(Object.values((await get()).inputRequests ?? {})).toHaveLength(1);
  await update(responsesTo(await get()));
  const ended = await eventually("the end", async () => {
    const task = await get();
    return task.status === "completed" && task;
  });
  expect(textOf(ended as object)).toBe(ANSWERS);
  expect(workers()).toBe(before + 3);
});

test("a parked task can be cancelled, and ends at once", async () => {
  const before = workers();
  const params = { name: "ask_on_worker", arguments: { label: "cancelled" } };
  const { result: handle } = await answerOf(await ask("tools/call", params));
  await parked(before);
  await answerOf(await ask("tasks/cancel", { taskId: handle?.taskId }));
  const { result } = await answerOf(await ask("tasks/get", { taskId: handle?.taskId }));
  expect(result).toMatchObject({ status: "cancelled" });
  expect(workers()).toBe(before + 1);
});

test("a client of 2026-07-28 brings its answers to a parked call when it has them", async () => {
  const client = new ModernClient(
    { name: "zenode-tests", version: "1.0.0" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } }, capabilities: CAPABILITIES },
  );
  const before = workers();
  client.setRequestHandler("elicitation/create", async ({ params }) => {
    await parked(before);
    return { action: "accept", content: { answer: answerTo(params.message) } };
  });
  const authProvider = { token: async () => token };
  await client.connect(new ModernTransport(new URL(local.mcpUrl), { authProvider }));
  const result = await client.callTool({ name: "ask_on_worker", arguments: { label: "modern" } });
  expect(textOf({ result } as object)).toBe(ANSWERS);
  expect(workers()).toBe(before + 3);
  await client.close();
});

test("a session's client answers a parked call, and it is one call to it", async () => {
  const client = new LegacyClient(
    { name: "zenode-tests", version: "1.0.0" },
    { capabilities: CAPABILITIES },
  );
  const before = workers();
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    await parked(before);
    return { action: "accept", content: { answer: answerTo(params.message) } };
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const transport = new LegacyTransport(new URL(local.mcpUrl), { requestInit });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  const result = await client.callTool({ name: "ask_on_worker", arguments: { label: "legacy" } });
  expect(textOf({ result } as object)).toBe(ANSWERS);
  await transport.terminateSession();
  await client.close();
});

test.each([
  ["2026-07-28", connectModern],
  ["2025-11-25", connectLegacy],
])(
  "a call that outgrows Lambda goes on for a client of %s as if nothing had been",
  async (_, connect) => {
    const client = await connect(local.mcpUrl, token);
    const before = workers();
    const call = client.call("outgrow", gate.args);
    await eventually("the run on a worker", () => gate.resumed().length === 2);
    await gate.open();
    const { text, progress } = await call;
    expect(text).toBe("resumed at 10");
    expect(progress.map((one) => one.progress)).toEqual([1, 2, 12]);
    expect(workers()).toBe(before + 1);
    await client.close();
  },
);

test("a call that outgrows Lambda becomes a task for a client that takes tasks", async () => {
  const params = { name: "outgrow", arguments: gate.args };
  const { result: handle } = await answerOf(await ask("tools/call", params));
  expect(handle).toMatchObject({ resultType: "task", status: "working" });
  expect(handle).not.toHaveProperty("content");
  await gate.open();
  const ended = await eventually("the end", async () => {
    const { result } = await answerOf(await ask("tasks/get", { taskId: handle?.taskId }));
    return result?.status === "completed" && result;
  });
  expect(textOf(ended)).toBe("resumed at 10");
});

test("once a call has outgrown Lambda, every process sends the next one of that tool to a worker at once", async () => {
  const call = async (label: string) => {
    const params = { name: "outgrow_once", arguments: { ...gate.args, label } };
    return textOf(await answerOf(await ask("tools/call", params, false)));
  };
  const first = call("first");
  await eventually("the run on a worker", () => gate.resumed().length === 2);
  await gate.open();
  expect(await first).toBe("resumed at 10");
  expect(await call("second")).toBe("resumed at 0");
  expect(gate.resumed()).toHaveLength(3);
});

test("what a call asked before it moved is not asked again", async () => {
  const params = { name: "ask_and_outgrow", arguments: gate.args };
  const first = (await answerOf(await ask("tools/call", params, false))).result as Asking;
  const { requestState } = first;
  const retry = { ...params, requestState, inputResponses: { "ask-1": YES } };
  const { result } = await answerOf(await ask("tools/call", retry, false));
  expect(textOf({ result } as object)).toBe("yes, on a worker");
});

const YES = { action: "accept", content: { answer: "yes" } };
