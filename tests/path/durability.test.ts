import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { signInUser } from "@zenode/cli";
import { afterAll, beforeAll, expect, test } from "vitest";
import { zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import { stillRunning } from "../harness/process-tree.ts";
import { type RealTree, realTree, SOME_HUNDRED } from "../harness/real-tree.ts";
import { answerOf, postLegacy, postModern, startSession, textOf } from "../harness/wire.ts";
import { type Gate, newGate } from "./gate/gate.ts";
import { type GatedInstance, startGatedInstance } from "./gate/instance.ts";

let state: string;
let tree: RealTree;
let instance: GatedInstance;
let token: string;
let session: Record<string, string>;
let finished: string;
const gates: Gate[] = [];

beforeAll(async () => {
  [state, tree] = await Promise.all([
    mkdtemp(path.join(os.tmpdir(), "zenode-durable-")),
    realTree(SOME_HUNDRED),
  ]);
  instance = await startGatedInstance(state);
  const pushed = await zenode("push", tree.folder, "--project", "p", "--state", state);
  expect(pushed.code, pushed.stderr).toBe(0);
  token = await signInUser(state);
  session = await startSession(instance.mcpUrl, token);
  const gate = await gateOf("finished");
  finished = await submit(gate);
  await gate.open();
  await ended(finished);
});
afterAll(async () => {
  await instance.killAll();
  await Promise.all(gates.map((gate) => gate.remove()));
  await tree.remove();
  await rm(state, { recursive: true, force: true });
});

async function gateOf(label: string): Promise<Gate> {
  const gate = await newGate(label);
  gates.push(gate);
  return gate;
}

const ask = (method: string, params: Record<string, unknown>) =>
  postModern(instance.mcpUrl, method, params, { token, tasks: true }).then(answerOf);

/** The id of a task that waits at the gate. */
async function submit(gate: Gate): Promise<string> {
  const { result } = await ask("tools/call", { name: "gate", arguments: gate.args });
  await eventually("a worker to take the task", () => gate.runs().length === 1);
  return String(result?.taskId);
}

const ended = (taskId: string) =>
  eventually("the task's end", async () => {
    const { result } = await ask("tasks/get", { taskId });
    return result?.status !== "working" && result;
  });

const result = (gate: Gate) => ({
  status: "completed",
  result: { content: [{ type: "text", text: gate.result }] },
});

test.each([
  ["its own process", (one: GatedInstance) => one.killAlone()],
  ["every process [session-survives-a-kill]", (one: GatedInstance) => one.killAll()],
])("after kill -9 of %s everything is there again, and what ran ends once", async (what, kill) => {
  const { mcpUrl } = instance;
  const gate = await gateOf(`runs when ${what} dies`);
  const running = await submit(gate);
  expect(instance.processes().map(({ pid }) => pid)).toContain(gate.runs()[0]);
  const before = instance.processes();
  await kill(instance);
  expect(stillRunning(before)).toEqual([]);

  instance = await startGatedInstance(state);
  expect(instance.mcpUrl).toBe(mcpUrl);
  expect(await signInUser(state)).toBe(token);

  const list = await zenode("call", "projects", "--state", state);
  expect(list.stdout).toMatch(/^p: \d+ files, \d+ bytes, snapshot 1 of /);
  const file = "vite/package.json";
  const read = await ask("tools/call", { name: "read_file", arguments: { path: file } });
  expect(textOf(read)).toBe(await readFile(path.join(tree.folder, file), "utf8"));

  const tools = await postLegacy(mcpUrl, "tools/list", { token, headers: session });
  expect(tools.status).toBe(200);
  expect((await answerOf(tools)).result?.tools).toBeInstanceOf(Array);

  expect(await ended(finished)).toMatchObject(result(gates[0] as Gate));

  await eventually("another worker to take the task over", () => gate.runs().length === 2);
  await gate.open();
  expect(await ended(running)).toMatchObject(result(gate));
  const again = await postModern(
    mcpUrl,
    "tools/call",
    { name: "task", arguments: { action: "result", task_id: running } },
    { token },
  );
  expect(textOf(await answerOf(again))).toBe(gate.result);
  expect(gate.runs()).toHaveLength(2);
});

test("a task whose workers keep dying fails clearly, once", async () => {
  const gate = await gateOf("dies three times");
  const taskId = await submit(gate);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const pid = await eventually(`run ${attempt}`, () => gate.runs()[attempt - 1]);
    process.kill(pid, "SIGKILL");
  }
  expect(await ended(taskId)).toMatchObject({
    status: "failed",
    error: { code: -32603, message: expect.stringContaining("stopped 3 times") },
  });
  await gate.open();
  expect(await ended(taskId)).toMatchObject({ status: "failed" });
  expect(gate.runs()).toHaveLength(3);
});
