import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processMemory, processStart } from "./process-identity.ts";
import { ProcessRegistry } from "./process-registry.ts";

let dir = "";
let file = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "process-registry-"));
  file = join(dir, "processes.jsonl");
});

afterEach(() => rmSync(dir, { recursive: true }));

function sleeper() {
  const child = spawn("/bin/sleep", ["60"], { detached: true, stdio: "ignore" });
  return { pid: child.pid ?? 0, exited: once(child, "exit") };
}

test("closing kills what is registered", async () => {
  const registry = ProcessRegistry.open(file);
  const { pid, exited } = sleeper();
  registry.add(pid);
  registry.close();
  expect(await exited).toEqual([null, "SIGKILL"]);
  expect(readFileSync(file, "utf8")).toBe("");
});

test("a leftover is killed at the next start", async () => {
  const { pid, exited } = sleeper();
  writeFileSync(file, `${JSON.stringify({ pid, startedAt: processStart(pid) })}\n`);
  const registry = ProcessRegistry.open(file);
  expect(registry.killed).toEqual([pid]);
  expect(await exited).toEqual([null, "SIGKILL"]);
  registry.close();
});

test("a process that only has the same pid is left alone", async () => {
  const { pid, exited } = sleeper();
  writeFileSync(file, `${JSON.stringify({ pid, startedAt: "another-boot/1" })}\n`);
  const registry = ProcessRegistry.open(file);
  expect(registry.killed).toEqual([]);
  expect(processStart(pid)).toBeDefined();
  registry.close();
  process.kill(pid, "SIGTERM");
  expect(await exited).toEqual([null, "SIGTERM"]);
});

test("a removed process is no longer listed", async () => {
  const registry = ProcessRegistry.open(file);
  const { pid, exited } = sleeper();
  registry.add(pid);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ pid, startedAt: processStart(pid) });
  registry.remove(pid);
  expect(readFileSync(file, "utf8")).toBe("");
  registry.close();
  process.kill(pid, "SIGTERM");
  await exited;
});

test("start time and memory are those of live processes only", () => {
  expect(processStart(process.pid)).toBe(processStart(process.pid));
  expect(processMemory(process.pid)?.residentMb).toBeGreaterThan(10);
  expect(processStart(2 ** 22 + 1)).toBeUndefined();
  expect(processMemory(2 ** 22 + 1)).toBeUndefined();
});
