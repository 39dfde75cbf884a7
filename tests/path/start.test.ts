import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { type StartedInstance, startInstance, zenode } from "../harness/command-line.ts";
import { processTree, stillRunning } from "../harness/process-tree.ts";

const root = await mkdtemp(path.join(os.tmpdir(), "zenode-start-"));
const started: StartedInstance[] = [];
const state = (name: string) => path.join(root, name);

async function start(name: string, ...words: string[]): Promise<StartedInstance> {
  const instance = await startInstance("--port", "0", "--state", state(name), ...words);
  started.push(instance);
  return instance;
}

afterAll(async () => {
  await Promise.all(
    started.map(({ child, stop }) => (child.exitCode === null ? stop() : undefined)),
  );
  await rm(root, { recursive: true, force: true });
});

/** What a mistake looks like to its user: one line that says what to do. */
function expectPlainMistake(stderr: string): void {
  expect(stderr).toMatch(/^zenode: .+\n$/);
  expect(stderr).not.toMatch(/\n\s+at |\bnode:|\.ts:\d+/);
}

test("the start message ends with the ready line; after it come JSON lines only", async () => {
  const { lines, messageEnd, mcpUrl, stderr } = await start("first");
  expect(lines[messageEnd - 1]).toBe(`zenode ready ${mcpUrl}`);
  expect(lines.join("\n")).toContain(`claude mcp add --transport http zenode ${mcpUrl}`);
  const tools = await zenode("tools", "--state", state("first"), "--json");
  expect(tools.code).toBe(0);
  const names = (JSON.parse(tools.stdout) as { name: string }[]).map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(names).toContain("workspace_report");
  expect(lines.length).toBeGreaterThan(messageEnd);
  for (const line of lines.slice(messageEnd)) expect(JSON.parse(line)).toBeTypeOf("object");
  expect(stderr()).toBe("");
});

test("passwords and tokens are their owner's only", async () => {
  const files = ["users.json", "instance.json"].map((name) => path.join(state("first"), name));
  const tokens = path.join(state("first"), "tokens");
  for (const name of await readdir(tokens)) files.push(path.join(tokens, name));
  for (const file of files) expect((await stat(file)).mode & 0o077, file).toBe(0);
});

test("a second start on the same state is told where the first one is", async () => {
  const { mcpUrl } = started[0] as StartedInstance;
  const second = await zenode("start", "--port", "0", "--state", state("first"));
  expect(second.code).toBe(1);
  expectPlainMistake(second.stderr);
  expect(second.stderr).toContain(`already runs with this state folder: ${mcpUrl}`);
  expect((await zenode("tools", "--state", state("first"))).code).toBe(0);
});

test("instances run side by side and know nothing of each other", async () => {
  const other = await start("second");
  expect(other.mcpUrl).not.toBe(started[0]?.mcpUrl);
  const token = (await zenode("token", "--state", state("first"))).stdout.trim();
  expect(token.split(".")).toHaveLength(3);
  const crossed = await fetch(other.mcpUrl, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
  });
  expect(crossed.status).toBe(401);
});

test.each([
  ["Ctrl-C", "first", (instance: StartedInstance) => instance.interrupt()],
  ["SIGTERM to the launcher", "second", (instance: StartedInstance) => instance.stop()],
])("%s ends everything that was started", async (_, name, end) => {
  const instance = started.find(({ lines }) => lines.join("\n").includes(state(name)));
  if (!instance) throw new Error("It was not started.");
  await zenode("call", "whoami", "--state", state(name));
  const before = processTree(instance.pid);
  const commands = before.map(({ command }) => command).join("\n");
  expect(commands).toContain("aws-lambda-ric");
  expect(commands).toContain("dynoxide");
  expect((await end(instance)).code).toBe(0);
  expect(stillRunning(before)).toEqual([]);
  const gone = await zenode("tools", "--state", state(name));
  expect(gone.code).toBe(1);
  expectPlainMistake(gone.stderr);
  expect(gone.stderr).toContain(`npm start -- --state ${state(name)}`);
});

test("a start after a stop has the same address and the same users", async () => {
  const users = await readFile(path.join(state("first"), "users.json"), "utf8");
  const again = await start("first");
  expect(again.mcpUrl).toBe(started[0]?.mcpUrl);
  expect(await readFile(path.join(state("first"), "users.json"), "utf8")).toBe(users);
  expect((await again.interrupt()).code).toBe(0);
});

test("a taken port is named", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  const refused = await zenode("start", "--port", String(port), "--state", state("third"));
  taken.close();
  expect(refused.code).toBe(1);
  expectPlainMistake(refused.stderr);
  expect(refused.stderr).toContain(`Port ${port} on 127.0.0.1 is taken`);
  expect(existsSync(path.join(state("third"), "instance.json"))).toBe(false);
});

test("two starts at the same moment on one state leave one instance and one clear message", async () => {
  const both = await Promise.allSettled([start("race"), start("race")]);
  const ready = both.filter(({ status }) => status === "fulfilled");
  const refused = both.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  expect(ready).toHaveLength(1);
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatch(/ended with 1: zenode: .+\n$/);
  expect((await zenode("tools", "--state", state("race"))).code).toBe(0);
});

const COMMANDS = [
  ...["start", "push", "pull", "status", "watch", "upload", "download"],
  ...["call", "tools", "token", "stdio", "login"],
];

test("an unknown word is no command", async () => {
  for (const { code, stdout, stderr } of await Promise.all([
    zenode("nonsense"),
    zenode("constructor"),
  ])) {
    expect(code).toBe(2);
    expect(stdout + stderr).toContain(`zenode ${COMMANDS.join("|")}`);
  }
});

test("--help of every command prints its usage", async () => {
  const outcomes = await Promise.all(COMMANDS.map((command) => zenode(command, "--help")));
  for (const [at, { code, stdout, stderr }] of outcomes.entries()) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`USAGE zenode ${COMMANDS[at]}`);
    // stdio serves a folder, no instance.
    expect(stdout).toContain(COMMANDS[at] === "stdio" ? "--folder=<DIR>" : "--state=<DIR>");
  }
});

test("no word at all prints the commands", async () => {
  const { code, stdout } = await zenode();
  expect(code).toBe(0);
  expect(stdout).toContain(`zenode ${COMMANDS.join("|")}`);
});

test.each([
  ["no instance", ["tools"], "No zenode runs with the state folder"],
  ["no such folder", ["push", "/nowhere/at/all"], "/nowhere/at/all is no folder"],
  ["no argument", ["push"], "FOLDER"],
  ["an odd port", ["start", "--port", "seven"], "--port takes a number"],
  ["a port out of range", ["start", "--port", "65536"], "--port takes a number"],
  ["an odd URL", ["tools", "--url", "nonsense"], "nonsense is no URL"],
  ["a token over http", ["tools", "--url", "http://example.com/mcp"], "only sent over https"],
])("%s is told in a line, or in JSON", async (_, words, message) => {
  const withState = [...words, "--state", state("nothing")];
  const [plain, json] = await Promise.all([zenode(...withState), zenode(...withState, "--json")]);
  expect(plain.code).toBe(1);
  expectPlainMistake(plain.stderr);
  expect(plain.stderr).toContain(message);
  expect(json.code).toBe(1);
  expect(json.stdout).toBe("");
  expect(JSON.parse(json.stderr)).toEqual({ error: expect.stringContaining(message) });
});
