import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { MIB } from "@zenode/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { type KnownProcess, processTree, stillRunning } from "../harness/process-tree.ts";
import { answerOf, type Message, postModern, textOf } from "../harness/wire.ts";
import { startGatedPath } from "./gate/gated-path.ts";
import { isGrown, linesOf, PIDS } from "./gate/limit-tools.ts";

const LARGE = 10 * MIB;
const TRIALS = 8;

let local: LocalPath;
let token: string;
let folder: string;

beforeAll(async () => {
  const rotation = { kind: "strict", minProcesses: 3 } as const;
  local = await startGatedPath({ template: { lingerMs: 0 }, emulator: { lambda: { rotation } } });
  token = await local.token();
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-limits-"));
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly uri?: string;
  readonly size?: number;
}

const ask = async (method: string, params: Record<string, unknown>, tasks = false, by = token) =>
  answerOf(await postModern(local.mcpUrl, method, params, { token: by, tasks }));

const callTool = (name: string, args: Record<string, unknown>, tasks = false) =>
  ask("tools/call", { name, arguments: args }, tasks);

const blocksOf = ({ result }: Message) => (result?.content ?? []) as readonly Block[];

const ended = (taskId: unknown) =>
  eventually("the task's end", async () => {
    const { result } = await ask("tasks/get", { taskId }, true);
    return result?.status !== "working" && result;
  });

describe.each(["dump_on_worker", "dump_here"])("10 MiB from %s", (name) => {
  let answer: Message;
  let taskId: string;
  beforeAll(async () => {
    answer = await callTool(name, { bytes: LARGE });
    taskId = /task_[0-9a-f]{32}/.exec(textOf(answer))?.[0] ?? "";
  });

  test("the answer has the beginning, and says how to get the rest", () => {
    const [head, note] = blocksOf(answer);
    expect(linesOf(LARGE).startsWith(head?.text ?? "none")).toBe(true);
    expect(head?.text?.length).toBe(65_536);
    expect(note?.text).toContain(
      `65536 of ${LARGE} characters. For what follows call the tool task with {"action":"result","task_id":"${taskId}","offset":65536}`,
    );
    expect(JSON.stringify(answer).length).toBeLessThan(80_000);
  });

  test("a page begins where it is asked to, over the border of two stored parts too", async () => {
    const [from, limit] = [4 * MIB - 32, 64];
    const asked = { action: "result", task_id: taskId, offset: from, limit };
    const page = await callTool("task", asked);
    expect(blocksOf(page)[0]?.text).toBe(linesOf(LARGE).slice(from, from + limit));
    expect(page.result?.structuredContent).toEqual({ from, to: from + limit, total: LARGE });
    const behind = await callTool("task", { ...asked, offset: LARGE + 1 });
    expect(textOf(behind)).toBe(
      `The result's text has ${LARGE} characters; there is none at ${LARGE + 1}.`,
    );
  });

  test("the linked resources are the whole, for their caller only", async () => {
    const links = blocksOf(answer).filter(({ type }) => type === "resource_link");
    expect(links.map(({ size }) => size)).toEqual([4 * MIB, 4 * MIB, 2 * MIB]);
    const parts: string[] = [];
    for (const { uri } of links) {
      const { result } = await ask("resources/read", { uri });
      parts.push(((result?.contents ?? []) as Block[])[0]?.text ?? "");
    }
    expect(parts.join("") === linesOf(LARGE)).toBe(true);
    const [uri, alice] = [links[0]?.uri, await local.token("alice")];
    const { error } = await ask("resources/read", { uri }, false, alice);
    expect(error).toMatchObject({ code: -32602, data: { uri } });
    const foreign = { name: "task", arguments: { action: "result", task_id: taskId, offset: 0 } };
    expect(textOf(await ask("tools/call", foreign, false, alice))).toMatch(/There is no task/);
  });

  test("it stands in its caller's list, and in nobody else's", async () => {
    expect(textOf(await callTool("task", { action: "list" }))).toContain(`${name}, task ${taskId}`);
    const alice = await local.token("alice");
    const list = { name: "task", arguments: { action: "list" } };
    expect(textOf(await ask("tools/call", list, false, alice))).toBe("You have no tasks.");
  });
});

test("a model that does as it is told has the whole result, page by page", {
  timeout: 300_000,
}, async () => {
  const answer = await callTool("dump_on_worker", { bytes: LARGE });
  let whole = textOf({ result: { content: blocksOf(answer).slice(0, 1) } });
  let note = blocksOf(answer)[1]?.text ?? "";
  const times: number[] = [];
  for (;;) {
    const next = /with (\{.*?\})/.exec(note)?.[1];
    if (next === undefined) break;
    const started = performance.now();
    const [piece, said] = blocksOf(await callTool("task", JSON.parse(next)));
    times.push(performance.now() - started);
    whole += piece?.text;
    note = said?.text ?? "";
  }
  expect(whole === linesOf(LARGE)).toBe(true);
  expect(note).toMatch(/This is its end\.$/);
  const started = performance.now();
  await callTool("task", { action: "list" });
  const idle = Math.round(performance.now() - started);
  const median = Math.round(times.sort((a, b) => a - b)[times.length >> 1] ?? 0);
  console.log(`${times.length} pages of 64 KiB, median ${median} ms; a list of tasks ${idle} ms`);
});

test("over 64 MiB is refused in plain words", async () => {
  const { result } = await callTool("dump_on_worker", { bytes: 65 * MIB, numbered: false });
  expect(result).toMatchObject({ isError: true });
  expect(textOf({ result: result ?? {} })).toBe(
    "dump_on_worker gave a result of 65 MiB; at most 64 MiB are kept. Ask it for less at once.",
  );
});

test("a tool out of memory fails at once, on a worker of the size it asked for", async () => {
  const { result: handle } = await callTool("eat_memory", { folder }, true);
  const task = await ended(handle?.taskId);
  expect(task).toMatchObject({
    status: "failed",
    statusMessage:
      "eat_memory needed more memory than its worker has (512 MiB) and was stopped. The same call would end the same way: ask for less at once.",
  });
  const workers = tasksOf(handle?.taskId);
  expect(workers).toMatchObject([{ cpu: "256", memory: "512", containers: [{ exitCode: 137 }] }]);
});

/** The ECS tasks that were started for a job. */
const tasksOf = (taskId: unknown) =>
  local.cloud.ecs.tasks().filter(({ tags }) => tags.some(({ value }) => value === taskId));

/** Starts a tree of processes and returns it when all of it runs. */
async function growTree(name: string) {
  const garden = await mkdtemp(path.join(folder, "tree-"));
  const { result: handle } = await callTool(name, { folder: garden }, true);
  await eventually("the tree to grow", () => isGrown(garden));
  const pids = readFileSync(path.join(garden, PIDS), "utf8").trim().split("\n").map(Number);
  const tree = pids.flatMap((pid) => processTree(pid).slice(0, 1)) as KnownProcess[];
  return { taskId: handle?.taskId, tree };
}

test("a tool over its time is stopped with all it started, and says so", async () => {
  const { taskId, tree } = await growTree("grow_tree_briefly");
  expect(tree).toHaveLength(5);
  const task = await ended(taskId);
  expect(stillRunning(tree)).toEqual([]);
  expect(task).toMatchObject({ status: "completed", result: { isError: true } });
  expect(textOf({ result: task.result as Record<string, unknown> })).toBe(
    "grow_tree_briefly did not end within 2 seconds and was stopped. Ask for less at once, or call it again.",
  );
});

test("a cancelled tool's processes are gone within two seconds", async () => {
  const taken: number[] = [];
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const { taskId, tree } = await growTree("grow_tree");
    expect(tree).toHaveLength(5);
    if (trial === 0) {
      expect(tasksOf(taskId)).toMatchObject([
        { cpu: "1024", memory: "3072", ephemeralStorage: { sizeInGiB: 50 } },
      ]);
    }
    const started = performance.now();
    await ask("tasks/cancel", { taskId }, true);
    await eventually("the tree to be gone", () => stillRunning(tree).length === 0);
    taken.push(Math.round(performance.now() - started));
    expect(await ended(taskId)).toMatchObject({ status: "cancelled" });
  }
  taken.sort((a, b) => a - b);
  console.log(
    `cancel to the last of 5 processes gone, ms: median ${taken[TRIALS / 2]}, longest ${taken.at(-1)} of ${TRIALS}`,
  );
  expect(taken.at(-1)).toBeLessThan(2_000);
}, 300_000);
