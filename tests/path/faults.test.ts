import { FaultPlan } from "@zenode/emulator";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectLegacy, connectModern } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { type MeasuredFolder, measureFolder } from "../harness/measured-tree.ts";
import { type RealTree, realTree, SOME_HUNDRED } from "../harness/real-tree.ts";
import { seededRandom } from "../harness/seeded-random.ts";
import { answerOf, type Message, postModern, textOf } from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { startGatedPath } from "./gate/gated-path.ts";

let local: LocalPath;
let tree: RealTree;
let measured: MeasuredFolder;
let token: string;
let gate: Gate;
const faults = new FaultPlan(seededRandom(7));

beforeAll(async () => {
  [local, tree] = await Promise.all([
    startGatedPath({ template: { lingerMs: 0 }, emulator: { faults } }),
    realTree(SOME_HUNDRED),
  ]);
  measured = await measureFolder(tree.folder);
  const pushed = await zenode("push", tree.folder, "--project", "p", "--state", local.state);
  expect(pushed.code, pushed.stderr).toBe(0);
  token = await local.token();
});
afterAll(async () => {
  await local.close();
  await tree.remove();
});
beforeEach(async () => {
  gate = await newGate();
});
afterEach(async () => {
  faults.clear();
  await gate.open();
  await eventually("the workers to stop", () =>
    local.cloud.ecs.tasks().every(({ lastStatus }) => lastStatus === "STOPPED"),
  );
  await gate.remove();
});

const callTool = (name: string, args: Record<string, unknown>, tasks = false) =>
  postModern(local.mcpUrl, "tools/call", { name, arguments: args }, { token, tasks });

/** The call again and again until it ends with a result, as a client or its model would do. */
async function insist(name: string, args: Record<string, unknown>): Promise<Message> {
  return eventually(`a result of ${name}`, async () => {
    try {
      const message = await answerOf(await callTool(name, args));
      return message.result !== undefined && message.result.isError !== true && message;
    } catch (cause) {
      // A stream that broke, or an answer of the gateway's own; nothing else is forgiven.
      if (cause instanceof TypeError || cause instanceof SyntaxError) return undefined;
      if (cause instanceof Error && cause.message.includes("ended without a result"))
        return undefined;
      throw cause;
    }
  });
}

async function submitGate(): Promise<unknown> {
  const { result } = await answerOf(await callTool("gate", gate.args, true));
  return result?.taskId;
}

const endOf = (taskId: unknown) =>
  eventually("the task's end", async () => {
    const response = await postModern(
      local.mcpUrl,
      "tasks/get",
      { taskId },
      { token, tasks: true },
    );
    const { result } = await answerOf(response);
    return result !== undefined && result.status !== "working" && result;
  });

const passed = () => ({
  status: "completed",
  result: { content: [{ type: "text", text: gate.result }] },
});

const runningTask = () => {
  const task = local.cloud.ecs.tasks().find(({ lastStatus }) => lastStatus === "RUNNING");
  if (!task) throw new Error("No worker runs.");
  return task.taskArn;
};

function expectReport({ result }: Message): void {
  const { files, bytes, lines, binaryFiles } = measured;
  const totals = { files, bytes, lines, binary_files: binaryFiles, links: 0 };
  expect(result?.structuredContent).toMatchObject({ totals });
}

/** A report of its own for each test: one that was made already would answer the same call. */
let top = 0;
beforeEach(() => {
  top += 1;
});

test.each([
  [
    "DynamoDB throttles every third request",
    { service: "dynamodb", rate: 0.3, action: { kind: "throttle" } },
  ],
  ["DynamoDB fails now and then", { service: "dynamodb", rate: 0.1, action: { kind: "error" } }],
  [
    "DynamoDB's answers get lost",
    { service: "dynamodb", rate: 0.1, action: { kind: "lose-answer" } },
  ],
  ["S3 is slow to say no", { service: "s3", rate: 0.3, action: { kind: "throttle" } }],
  ["S3 fails now and then", { service: "s3", rate: 0.2, action: { kind: "error" } }],
  [
    "S3's answers are torn",
    { service: "s3", rate: 0.2, action: { kind: "tear", afterBytes: 100 } },
  ],
] as const)("%s: a report is right all the same", async (_, fault) => {
  faults.add(fault);
  expectReport(await insist("workspace_report", { project: "p", top }));
});

test("a push gets through DynamoDB and S3 that fail now and then, and is whole", async () => {
  faults.add({ service: "dynamodb", rate: 0.2, action: { kind: "throttle" } });
  faults.add({ service: "s3", rate: 0.2, action: { kind: "error" } });
  const words = ["push", tree.folder, "--project", "again", "--state", local.state, "--json"];
  const { code, stdout, stderr } = await zenode(...words);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ files: measured.files, bytes: measured.bytes });
  faults.clear();
  expectReport(await insist("workspace_report", { project: "again" }));
});

test("no capacity for a while: the task waits for it and then runs once", async () => {
  // Each launch asks for Spot and then on demand.
  faults.add({ service: "ecs", operation: "RunTask", action: { kind: "no-capacity" }, times: 4 });
  const waiting = callTool("gate", gate.args).then(answerOf);
  await eventually("a worker to run", () => gate.runs().length === 1);
  await gate.open();
  expect(textOf(await waiting)).toBe(gate.result);
  expect(gate.runs()).toHaveLength(1);
});

test("a worker that is killed is replaced, and the call ends with one result", async () => {
  const client = await connectModern(local.mcpUrl, token);
  let heard = 0;
  const call = client.call("gate", gate.args, () => {
    heard += 1;
    if (heard === 1) local.cloud.ecs.kill(runningTask());
  });
  await eventually("the second worker to run", () => gate.runs().length === 2);
  await gate.open();
  const { text, progress } = await call;
  expect(text).toBe(gate.result);
  expect(progress.map((one) => one.progress)).toEqual([1, 2]);
  expect(new Set(gate.runs()).size).toBe(2);
  await client.close();
});

test("a worker that Spot takes away gives its task back, and another one ends it", async () => {
  const taskId = await submitGate();
  await eventually("the worker to run", () => gate.runs().length === 1);
  local.cloud.ecs.spotInterrupt(runningTask());
  await eventually("the second worker to run", () => gate.runs().length === 2);
  await gate.open();
  expect(await endOf(taskId)).toMatchObject(passed());
  const [interrupted] = local.cloud.ecs
    .tasks()
    .filter(({ stopCode }) => stopCode === "SpotInterruption");
  expect(interrupted?.containers[0]).toMatchObject({ exitCode: 0 });
});

test("a Lambda process that dies in the middle of a stream breaks it at once and loses nothing", async () => {
  const response = await postModern(
    local.mcpUrl,
    "tools/call",
    { name: "gate", arguments: gate.args },
    { token, progressToken: "p" },
  );
  await expect(answerOf(response, killMcpProcesses)).rejects.toThrow("terminated");
  // A stream that opens is one that has found the task.
  const again = await callTool("gate", gate.args);
  await gate.open();
  expect(textOf(await answerOf(again))).toBe(gate.result);
  expect(gate.runs()).toHaveLength(1);
});

test("the command line asks again when its stream breaks, and says nothing of it", async () => {
  const words = Object.entries(gate.args).flatMap(([name, value]) => [`--${name}`, value]);
  const call = zenode("call", "gate", ...words, "--state", local.state);
  await eventually("the worker to run", () => gate.runs().length === 1);
  const asked = () => local.logs.filter(({ path }) => path === "/local/mcp").length;
  const before = asked();
  killMcpProcesses();
  await eventually("the broken stream", () => asked() > before);
  await gate.open();
  expect(await call).toMatchObject({ code: 0, stdout: `${gate.result}\n` });
});

/** Those that serve a request, and those that wait for one. */
function killMcpProcesses(): void {
  for (const { pid, function: name } of local.cloud.lambda.processes())
    if (name === "mcp") local.cloud.lambda.kill(pid);
}

test("a legacy session outlives the process that served it", async () => {
  const client = await connectLegacy(local.mcpUrl, token);
  killMcpProcesses();
  expect(await client.tools()).toContain("gate");
  await client.close();
});

test("Lambda throttled, the gateway down: the same call works afterwards", async () => {
  faults.add({ service: "lambda", operation: "mcp", action: { kind: "throttle" }, times: 1 });
  faults.add({ service: "lambda", operation: "mcp", action: { kind: "error" }, times: 1 });
  const statuses = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const response = await callTool("whoami", {});
    statuses.push(response.status);
    await response.text();
  }
  expect(statuses.at(-1)).toBe(200);
  expect(statuses.slice(0, 2).every((status) => status >= 429)).toBe(true);
});
