import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as LegacyStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectLegacyOver, connectModernOver, type TestClient } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { grep, type MeasuredFolder, measureFolder } from "../harness/measured-tree.ts";
import { type RealTree, realTree } from "../harness/real-tree.ts";

const LAUNCHER = path.resolve(import.meta.dirname, "../../packages/cli/bin/zenode.mjs");
/** Enough that its searches are work for a worker. */
const PACKAGES = ["@smithy", "knip", "zod"];

const RENAME =
  "diff --git a/zod/LICENSE b/newer/LICENSE\nrename from zod/LICENSE\nrename to newer/LICENSE\n";

let tree: RealTree;
let expected: MeasuredFolder;

beforeAll(async () => {
  tree = await realTree(PACKAGES);
  expected = await measureFolder(tree.folder);
  await writeFile(path.join(tree.folder, ".zenodeignore"), "/secret\n.zenodeignore\n");
  await writeFile(path.join(tree.folder, "secret"), "class Secret extends Error {}\n");
  await symlink("/etc/passwd", path.join(tree.folder, "way-out"));
});
afterAll(() => tree.remove());

const server = () => ({
  command: process.execPath,
  args: [LAUNCHER, "stdio", "--folder", tree.folder],
  stderr: "pipe" as const,
});

describe.each([
  ["2026-07-28", "SDK v2", () => connectModernOver(new ModernStdio(server()))],
  ["2025-11-25", "SDK v1", () => connectLegacyOver(new LegacyStdio(server()))],
] as const)("a client of revision %s (%s)", (version, _, connect) => {
  let client: TestClient;
  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  test("sees the tools of the cloud", async () => {
    expect(client.protocolVersion).toBe(version);
    expect(await client.tools()).toEqual(
      expect.arrayContaining(["list_directory", "read_file", "search_files", "workspace_report"]),
    );
    const { structured } = await client.call("whoami", {});
    expect(structured).toMatchObject({ tenant: "local", user: os.userInfo().username });
  });

  test("lists and reads the folder, and nothing beside it", async () => {
    const { text } = await client.call("read_file", { path: "zod/package.json" });
    expect(text).toBe(await readFile(path.join(tree.folder, "zod/package.json"), "utf8"));
    const { structured } = await client.call("list_directory", {});
    expect(structured?.entries).toEqual(
      ["@smithy", "knip", "zod"].map((name) => ({ path: name, kind: "directory" })),
    );
    for (const outside of ["../x", "/etc/passwd", "way-out", "secret", "zod/../../x"]) {
      expect((await client.call("read_file", { path: outside })).isError, outside).toBe(true);
    }
  });

  test("searches what grep finds, with ripgrep, on the folder itself", async () => {
    const pattern = "class [A-Za-z]+ extends Error\\b";
    const lines = await grep(pattern, tree.folder);
    const { structured, progress } = await client.call("search_files", {
      pattern,
      max_results: 1_000,
    });
    const matches = structured?.matches as { path: string; line: number }[];
    const found = matches.map(({ path: file, line }) => `${file}:${line}`);
    const wanted = lines.filter(({ path: file }) => file !== "secret");
    expect(found.sort()).toEqual(wanted.map(({ path: file, line }) => `${file}:${line}`).sort());
    expect(found.length).toBeGreaterThan(3);
    // Only a search with ripgrep counts in two steps.
    expect(progress.map(({ total }) => total)).toContain(2);
  });

  test("gets a report that is right, with progress on the way", async () => {
    const { structured, progress } = await client.call("workspace_report", {});
    const { files, bytes, lines, binaryFiles } = expected;
    expect(structured?.totals).toEqual({
      files,
      bytes,
      lines,
      binary_files: binaryFiles,
      links: 0,
    });
    // The SDKs drop a notification that comes in one piece with the answer, so the last may be missing.
    expect(progress.length).toBeGreaterThan(50);
    expect(new Set(progress.map(({ total }) => total))).toEqual(new Set([files]));
  });

  test("gets the report on all projects: its folder is the only one", async () => {
    const { structured } = await client.call("report_projects", {});
    const { files, bytes, lines, binaryFiles } = expected;
    const totals = { projects: 1, files, bytes, lines, binary_files: binaryFiles, links: 0 };
    expect(structured).toMatchObject({ totals, failed: [] });
  });

  test("changes the folder itself, and nothing beside it", async () => {
    const written = await client.call("write_file", { path: "new/a.txt", content: "one\n" });
    expect(written.structured).toMatchObject({ created: true, bytes: 4 });
    const edits = [{ old_text: "one", new_text: "two" }];
    await client.call("edit_file", { path: "new/a.txt", edits });
    await client.call("move", { source: "new", destination: "newer" });
    expect(await readFile(path.join(tree.folder, "newer/a.txt"), "utf8")).toBe("two\n");
    for (const outside of ["../x", "way-out", "way-out/x", "secret", ".git/config"]) {
      const refused = await client.call("write_file", { path: outside, content: "" });
      expect(refused.isError, outside).toBe(true);
    }
    const patch = `--- a/newer/a.txt\n+++ b/newer/a.txt\n@@ -1 +1,2 @@\n-two\n+2\n+3\n${RENAME}`;
    const patched = await client.call("apply_patch", { patch });
    expect(patched.text).toMatch(/^Changed 2 files/);
    expect(await readFile(path.join(tree.folder, "newer/a.txt"), "utf8")).toBe("2\n3\n");
    const moved = await client.call("file_info", { path: "newer/LICENSE" });
    expect(moved.structured).toMatchObject({ kind: "file", content: "text" });
    const found = await client.call("find_files", { path: "newer" });
    expect(found.structured?.paths).toEqual(["newer/LICENSE", "newer/a.txt"]);
    const shown = await client.call("tree", { path: "newer" });
    expect(shown.text).toMatch(
      /^newer\/ \(2 files of \d+ bytes\)\n {2}LICENSE \(\d+\)\n {2}a\.txt \(4\)$/,
    );
    for (const outside of ["../x", "way-out", "way-out/x", "secret", ".git/config"]) {
      const bad = `--- /dev/null\n+++ b/${outside}\n@@ -0,0 +1 @@\n+x\n`;
      expect((await client.call("apply_patch", { patch: bad + patch })).isError).toBe(true);
    }
    await client.call("move", { source: "newer/LICENSE", destination: "zod/LICENSE" });
    await client.call("delete", { path: "newer", recursive: true });
    expect((await readdir(tree.folder)).sort()).toEqual(
      [".zenodeignore", "@smithy", "knip", "secret", "way-out", "zod"].sort(),
    );
  });
});

describe("the process", () => {
  let child: ChildProcess;
  /** Its temporary folder. */
  let temporary: string;
  let lines: AsyncIterator<string>;
  let stderr: string;

  beforeEach(async () => {
    temporary = await mkdtemp(path.join(os.tmpdir(), "zenode-stdio-test-"));
    child = spawn(process.execPath, [LAUNCHER, "stdio", "--folder", tree.folder], {
      env: { ...process.env, TMPDIR: temporary },
    });
    stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    lines = createInterface({ input: child.stdout ?? ([] as never) })[Symbol.asyncIterator]();
  });
  afterEach(async () => {
    child.kill();
    await rm(temporary, { recursive: true });
  });

  const say = (line: unknown) =>
    child.stdin?.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  const request = (id: number, method: string, params: object = {}) =>
    say({ jsonrpc: "2.0", id, method, params });
  /** Every line of standard output is a message. */
  const hear = async () => JSON.parse((await lines.next()).value) as Record<string, unknown>;

  async function initialize(): Promise<void> {
    request(0, "initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "wire", version: "1" },
    });
    expect(await hear()).toMatchObject({ id: 0, result: { protocolVersion: "2025-11-25" } });
    say({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  test("outlives lines that are no messages, and says so on standard error", async () => {
    for (const line of ["no JSON", "{", "", "[]", '{"id":1}', "\u0000", "null"]) say(line);
    await initialize();
    for (const line of ["no JSON", "{", "", "[]", '{"id":1}', "\u0000", "null"]) say(line);
    request(1, "ping");
    expect(await hear()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
    expect(stderr).toContain('"level":"error"');
  });

  test("stops a call that is taken back, and answers the next", async () => {
    await initialize();
    request(1, "tools/call", { name: "workspace_report", _meta: { progressToken: "p" } });
    expect(await hear()).toMatchObject({ method: "notifications/progress" });
    say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    request(2, "ping");
    let message = await hear();
    while (message.method === "notifications/progress") message = await hear();
    expect(message).toMatchObject({ id: 2, result: {} });
  });

  test("ends with standard input, also in the middle of a call", async () => {
    await initialize();
    request(1, "tools/call", { name: "workspace_report", _meta: { progressToken: "p" } });
    await hear();
    expect(await readdir(temporary)).toHaveLength(1);
    const exited = once(child, "exit");
    child.stdin?.end();
    expect(await exited).toEqual([0, null]);
    expect(stderr).toBe("");
    expect(await readdir(temporary)).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends with %s", async (signal) => {
    await initialize();
    const exited = once(child, "exit");
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
  });
});

test("a folder that is not there is a mistake to mend", async () => {
  const { code, stdout, stderr } = await zenode("stdio", "--folder", "/nowhere/at/all");
  expect([code, stdout, stderr]).toEqual([1, "", "zenode: /nowhere/at/all is no folder.\n"]);
});
