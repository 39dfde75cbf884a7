import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CallRecord, connectModern, type TestClient } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

/** A published package that ships its own tests, of mocha's kind: node:test has the same names. */
const PACKAGE = path.dirname(createRequire(import.meta.url).resolve("setprototypeof/package.json"));
const GLOBALS = 'import{describe,it}from"node:test";Object.assign(globalThis,{describe,it});';
const OWN_TESTS = `node --import 'data:text/javascript,${GLOBALS}' --test --test-reporter=tap test/index.js`;

let local: LocalPath;
let client: TestClient;
let folder: string;
let project: string;

beforeAll(async () => {
  local = await startPath({
    emulator: { lambda: { rotation: { kind: "strict", minProcesses: 3 } } },
  });
  client = await connectModern(local.mcpUrl, await local.token());
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-command-"));
  await cp(PACKAGE, folder, { recursive: true });
  await writeFile(path.join(folder, ".gitignore"), "coverage\n");
});
afterAll(async () => {
  await client.close();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  project = `p-${crypto.randomUUID().slice(0, 8)}`;
  const pushed = await zenode("push", folder, "--project", project, "--state", local.state);
  expect(pushed.code).toBe(0);
});

const runCommand = (command: string, more: object = {}, told?: () => unknown) =>
  client.call("run_command", { project, command, ...more }, told);
const textOf = async (file: string) =>
  (await client.call("read_file", { project, path: file })).text;
const snapshotOf = async () => {
  const { structured } = await client.call("projects", {});
  const projects = structured?.projects as { name: string; snapshot: number }[];
  return projects.find(({ name }) => name === project)?.snapshot;
};
const messagesOf = ({ progress }: CallRecord) => progress.map(({ message }) => message);

describe("a published package's own tests", () => {
  test("pass, and their lines come as they are written", async () => {
    const ran = await runCommand(OWN_TESTS);
    expect(ran.structured).toMatchObject({
      ...{ project, snapshot: 1, exit_code: 0, out_of_memory: false, output_cut: false },
      ...{ added: [], modified: [], deleted: [], changed_files: 0 },
    });
    expect(ran.structured?.output).toMatch(/^# pass 1$/m);
    // The SDKs drop a notification that comes in one piece with the answer, so the last lines may be missing.
    const lines = String(ran.structured?.output).split("\n");
    // Lines that come together are told together.
    const told = messagesOf(ran)
      .flatMap((message) => message?.split("\n") ?? [])
      .filter((line) => lines.includes(line));
    expect(told).toContain("TAP version 13");
    expect(told).toEqual(lines.slice(0, told.length));
  });

  test("fail when the package is broken, which is a result and no error", async () => {
    const ran = await runCommand(`echo 'module.exports = () => {}' > index.js; ${OWN_TESTS}`);
    expect(ran.isError).toBe(false);
    expect(ran.structured).toMatchObject({
      exit_code: 1,
      modified: ["index.js"],
      changed_files: 1,
    });
    expect(ran.structured?.output).toMatch(/^# fail 1$/m);
    expect(await snapshotOf()).toBe(1);
    expect(await textOf("index.js")).not.toContain("module.exports = () => {}");
  });
});

test("what a command changed becomes a snapshot, but for what .gitignore names", async () => {
  const command = [
    "mkdir -p lib coverage",
    "echo made > lib/new.txt",
    "echo junk > coverage/report",
    "rm index.d.ts",
    "chmod +x index.js",
    "ln -s new.txt lib/link",
    "ln -s /etc/passwd lib/out",
    "echo to-err >&2",
    "exit 3",
  ].join("; ");
  const ran = await runCommand(command, { commit: "commit" });
  expect(ran.structured).toMatchObject({
    ...{ exit_code: 3, committed: 2, output: "[stderr] to-err", conflicts: [] },
    ...{ added: ["lib/link", "lib/new.txt"], modified: ["index.js"], deleted: ["index.d.ts"] },
    left_out: [{ path: "lib/out", why: "it is a link that leads out of the project" }],
  });
  expect(await snapshotOf()).toBe(2);
  expect(await textOf("lib/new.txt")).toContain("made");
  const list = async (at: string) =>
    (await client.call("list_directory", { project, path: at })).text.split("\n");
  expect(await list("lib")).toEqual(["lib/link -> new.txt", "lib/new.txt (5 bytes)"]);
  const top = (await list("")).map((line) => line.split(" ")[0]);
  expect(top).toEqual([
    ".gitignore",
    "LICENSE",
    "README.md",
    "index.js",
    "lib/",
    "package.json",
    "test/",
  ]);
});

test("who subscribed to a file is told when a command on a worker has changed it", async () => {
  const legacy = new Client({ name: "zenode-test", version: "1.0.0" });
  const told = Promise.withResolvers<string>();
  legacy.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    told.resolve(params.uri);
  });
  const headers = { authorization: `Bearer ${await local.token()}` };
  const transport = new StreamableHTTPClientTransport(new URL(local.mcpUrl), {
    requestInit: { headers },
  });
  await legacy.connect(transport as Parameters<typeof legacy.connect>[0]);
  const uri = `zenode://${project}/README.md`;
  await legacy.subscribeResource({ uri });
  // The client comes back to its stream by itself after a while; this is the same, at once.
  await transport.resumeStream("000000000000.0");
  await runCommand("echo new > other.txt", { commit: "commit" });
  const ran = await runCommand("echo more >> README.md", { commit: "commit" });
  expect(ran.structured).toMatchObject({ committed: 3, modified: ["README.md"] });
  expect(await told.promise).toBe(uri);
  await legacy.close();
});

/** Lets a command wait until the test has done something: it ends by its time limit at the latest. */
async function whileRunning(command: string, args: object, act: () => Promise<unknown>) {
  const begun = Promise.withResolvers<void>();
  const running = runCommand(`echo begun; ${command}`, args, () => begun.resolve());
  await begun.promise;
  await act();
  return running;
}

describe("others commit while a command runs", () => {
  const slow = "sleep 3; echo ours > ours.txt; echo mine >> README.md";
  const edit = (file: string) => () =>
    client.call("write_file", { project, path: file, content: "theirs\n" });

  test("another file: both are there", async () => {
    const ran = await whileRunning(slow, { commit: "commit" }, edit("theirs.txt"));
    expect(ran.structured).toMatchObject({ snapshot: 1, committed: 3, conflicts: [] });
    expect(await textOf("theirs.txt")).toContain("theirs");
    expect(await textOf("ours.txt")).toContain("ours");
  });

  test("the same file: it is named, kept elsewhere, and the rest is committed", async () => {
    const ran = await whileRunning(slow, { commit: "commit" }, edit("README.md"));
    expect(ran.structured).toMatchObject({
      committed: 3,
      conflicts: ["README.md was changed by dev in snapshot 2."],
    });
    expect(await textOf("README.md")).toContain("theirs");
    expect(await textOf("ours.txt")).toContain("ours");
    const kept = ran.structured?.kept_in as string;
    const { text } = await client.call("read_file", { project: kept, path: "README.md" });
    expect(text).toMatch(/setprototypeof[\s\S]*mine/);
    expect((await client.call("list_directory", { project: kept })).text).not.toContain("ours");
  });
});

describe("a command that does not end", () => {
  /** Nobody else sleeps for so long. */
  const nap = () => `${100_000 + Math.floor(Math.random() * 800_000)}`;
  const sleepers = (seconds: string) =>
    readdirSync("/proc").filter((pid) => commandLineOf(pid) === `sleep\0${seconds}\0`);

  test("is ended by its time limit, with what it left in the background, and changes nothing", async () => {
    const seconds = nap();
    const command = `setsid sleep ${seconds} & (sleep ${seconds} &) ; echo x > x; sleep ${seconds}`;
    const ran = await runCommand(command, { timeout_seconds: 2, commit: "commit" });
    expect(ran.structured).toMatchObject({ stopped: "timeout", exit_code: 137, added: ["x"] });
    expect(ran.structured).not.toHaveProperty("committed");
    expect(ran.text).toContain("Nothing was committed: it was ended by a limit");
    expect(sleepers(seconds)).toEqual([]);
    expect(await snapshotOf()).toBe(1);
  });

  test("is cancelled within two seconds after its output was seen", async () => {
    const seconds = nap();
    let cancelled = 0;
    const ran = await whileRunning(`setsid sleep ${seconds} & sleep ${seconds}`, {}, async () => {
      await eventually("the command to run", () => sleepers(seconds).length === 2);
      const { text } = await client.call("task", { action: "list" });
      const task_id = /run_command, task (task_[0-9a-f]{32})/.exec(text)?.[1];
      cancelled = performance.now();
      await client.call("task", { action: "cancel", task_id });
      await eventually("its processes to be gone", () => sleepers(seconds).length === 0);
      expect(performance.now() - cancelled).toBeLessThan(2_000);
    }).catch((cause: unknown) => String(cause));
    expect(JSON.stringify(ran)).toContain("cancelled");
  });
});

test("the platform reports no failure of its own", () => {
  expect(errorLines(local)).toEqual([]);
});

function commandLineOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return undefined;
  }
}
