import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";
import { answerOf, type Message, messagesOf, postModern } from "../harness/wire.ts";

let local: LocalPath;
let folder: string;
let token: string;
let bob: string;

beforeAll(async () => {
  local = await startPath();
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-again-"));
  await mkdir(path.join(folder, "src"));
  for (let n = 0; n < 20; n += 1) await writeFile(path.join(folder, "src", `${n}.ts`), `${n}\n`);
  [token, bob] = await Promise.all([local.token(), local.token("bob")]);
  await push();
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

async function push(): Promise<void> {
  const { code, stderr } = await zenode("push", folder, "--project", "p", "--state", local.state);
  expect(code, stderr).toBe(0);
}

const call = (args: Record<string, unknown> = {}, who = token, tasks = false) =>
  postModern(
    local.mcpUrl,
    "tools/call",
    { name: "workspace_report", arguments: args },
    { token: who, tasks, progressToken: "p" },
  );

const reported = async (response: Promise<Response>) =>
  (await answerOf(await response)).result?.structuredContent;

async function listed(): Promise<readonly { readonly taskId: string; readonly status: string }[]> {
  const params = { name: "task", arguments: { action: "list" } };
  const { result } = await answerOf(
    await postModern(local.mcpUrl, "tools/call", params, { token }),
  );
  const { tasks = [] } = (result?.structuredContent ?? {}) as { tasks?: [] };
  return tasks;
}

/** Breaks the connection at the first word. */
async function leave(response: Response): Promise<Message> {
  for await (const message of messagesOf(response)) return message;
  throw new Error("The stream ended without a word.");
}

test("who was cut off and comes back after the end gets what was done, from any process", async () => {
  await leave(await call());
  await eventually("the report to end without a reader", async () =>
    (await listed()).every(({ status }) => status === "completed"),
  );
  const heard: Message[] = [];
  const { result } = await answerOf(await call(), (message) => heard.push(message));
  expect(result?.structuredContent).toMatchObject({ snapshot: 1, totals: { files: 20 } });
  expect(heard.map(({ params }) => params?.progress)).toEqual([20]);
  expect(await listed()).toHaveLength(1);
});

test("a client with tasks gets the handle of the task that has ended", async () => {
  const [task] = await listed();
  const { result } = await answerOf(await call({}, token, true));
  expect(result).toMatchObject({ taskId: task?.taskId, status: "completed" });
});

test("other arguments are another call", async () => {
  await reported(call({ top: 1 }));
  expect(await listed()).toHaveLength(2);
});

test("once the files have changed it runs again, on what they are now", async () => {
  await writeFile(path.join(folder, "one-more.ts"), "1\n");
  await push();
  const report = await reported(call());
  expect(report).toMatchObject({ snapshot: 2, totals: { files: 21 } });
  expect(await listed()).toHaveLength(3);
});

test("another user's same call is none of ours", async () => {
  const { result } = await answerOf(await call({ project: "p" }, bob));
  expect(result?.isError).toBe(true);
});
