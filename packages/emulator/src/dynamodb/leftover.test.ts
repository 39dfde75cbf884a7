import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endLeftover, forgetChild, recordChild } from "./leftover.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "leftover-"));
  path = join(dir, "pid");
});
afterEach(() => rmSync(dir, { recursive: true }));

async function start(mark: string) {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", mark]);
  await once(child, "spawn");
  return child;
}

test("the recorded child is ended", async () => {
  const child = await start(dir);
  const exited = once(child, "exit");
  recordChild(path, child.pid ?? 0);
  await endLeftover(path, dir);
  expect(await exited).toEqual([null, "SIGKILL"]);
});

test("a process that is not the child is left alone", async () => {
  const child = await start("something else");
  recordChild(path, child.pid ?? 0);
  await endLeftover(path, dir);
  const other = { ...JSON.parse(readFileSync(path, "utf8")), startTime: "1" };
  writeFileSync(path, JSON.stringify(other));
  await endLeftover(path, "something else");
  expect(child.exitCode ?? child.signalCode).toBeNull();
  const exited = once(child, "exit");
  child.kill();
  await exited;
});

test("a child whose parent lives belongs to another emulator", async () => {
  // The recorded parent is ours by name only: a process of its own starts the child and stays.
  const nested = `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", ${JSON.stringify(dir)}]);
    console.log(child.pid); process.on("SIGTERM", () => { child.kill(); process.exit(); });`;
  const parent = spawn(process.execPath, ["-e", nested], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  recordChild(path, Number(line.toString()));
  const record = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...record, parent: parent.pid }));
  await expect(endLeftover(path, dir)).rejects.toMatchObject({ code: "FOLDER_IN_USE" });
  const exited = once(parent, "exit");
  parent.kill();
  await exited;
});

test("nothing recorded, nothing ended", async () => {
  await endLeftover(path, dir);
  writeFileSync(path, '{"pid":');
  await endLeftover(path, dir);
  forgetChild(path);
  forgetChild(path);
});
