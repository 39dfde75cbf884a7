import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectLegacy, connectModern, type TestClient } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

const project = "patched";
const LINES = Array.from({ length: 40 }, (_, at) => `line ${at + 1}\n`).join("");

let local: LocalPath;
let folder: string;
/** What git finds between what was pushed and what was made of it. */
let patch: string;
let clients: readonly (readonly [era: string, client: TestClient])[];

beforeAll(async () => {
  local = await startPath({
    emulator: { lambda: { rotation: { kind: "strict", minProcesses: 3 } } },
  });
  const token = await local.token();
  clients = [
    ["2026-07-28", await connectModern(local.mcpUrl, token)],
    ["2025-11-25", await connectLegacy(local.mcpUrl, token)],
  ];
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-patching-"));
  await mkdir(at("src"));
  await writeFile(at("src/lines.txt"), LINES);
  await writeFile(at("src/ä b.txt"), LINES);
  await writeFile(at("run"), "#!/bin/sh\n");
  await writeFile(at("gone"), "gone\n");
  const pushed = await zenode("push", folder, "--project", project, "--state", local.state);
  expect(pushed.code).toBe(0);
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "old");
  await writeFile(
    at("src/lines.txt"),
    LINES.replace("line 7\n", "seven\n").replace("line 33\n", ""),
  );
  await rename(at("src/ä b.txt"), at("ü.txt"));
  await chmod(at("run"), 0o755);
  await rm(at("gone"));
  await writeFile(at("new.txt"), "new");
  git("add", "--all");
  patch = git("diff", "--cached", "--find-renames");
});
afterAll(async () => {
  for (const [, client] of clients) await client.close();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (relative: string) => path.join(folder, relative);

function git(...args: string[]): string {
  const who = ["-c", "user.name=x", "-c", "user.email=x@x"];
  return execFileSync("git", [...who, ...args], { cwd: folder, encoding: "utf8" });
}

describe("a patch that git made", () => {
  test("is told of, applied, and read by the next call in another process", async () => {
    const [[, modern], [, legacy]] = clients as [(typeof clients)[0], (typeof clients)[0]];
    const told = await modern.call("apply_patch", { project, patch, dry_run: true });
    expect(told.structured).toMatchObject({ snapshot: 1, dry_run: true });
    const done = await legacy.call("apply_patch", { project, patch });
    expect(done.text.split("\n")).toEqual([
      "Changed 5 files in snapshot 2 of patched.",
      "D gone (+0 -1)",
      "A new.txt (+1 -0)",
      "M run (+0 -0)",
      "M src/lines.txt (+1 -2)",
      "R src/ä b.txt -> ü.txt (+0 -0)",
    ]);
    const { structured } = await modern.call("find_files", { project });
    expect(structured).toMatchObject({ paths: ["new.txt", "run", "src/lines.txt", "ü.txt"] });
    const info = await legacy.call("file_info", { project, path: "run" });
    expect(info.structured).toMatchObject({ executable: true, bytes: 10, lines: 1 });
    const shown = await modern.call("tree", { project });
    expect(shown.text.split("\n")[0]).toBe("patched/ (1 directories, 3 files of 324 bytes)");
    const tail = await legacy.call("read_file", { project, path: "ü.txt", start_line: -2 });
    expect(tail.text).toContain("line 39\nline 40\n");
    expect(errorLines(local)).toEqual([]);
  });

  test.each([0, 1])("is refused with a reason when it does not fit, client %i", async (which) => {
    const [, client] = clients[which] as (typeof clients)[0];
    const again = await client.call("apply_patch", { project, patch });
    expect(again.isError).toBe(true);
    expect(again.text).toMatch(/There is no gone in project patched.*\n.*there is a file already/);
    expect(again.text).toMatch(/Nothing was written\.$/);
    const broken = "--- a/run\n+++ b/run\n@@ -1 +1 @@\n-#!/bin/bash\n+x\n";
    const refused = await client.call("apply_patch", { project, patch: broken });
    expect(refused.text).toContain('"#!/bin/bash" is expected, but "#!/bin/sh" stands there.');
    const { structured } = await client.call("file_info", { project, path: "run" });
    expect(structured).toMatchObject({ snapshot: 2 });
  });
});
