import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumption, ConsumptionCounter } from "../bench/consumption.ts";
import { callTool, settle } from "../bench/path-call.ts";
import { zenode } from "../harness/command-line.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";

const FILES = 100;
const PROJECT = "counted";

const counter = new ConsumptionCounter();
let local: LocalPath;
let token: string;
let folder: string;
let pushed: Consumption;

beforeAll(async () => {
  const { onDynamoDb, onS3 } = counter;
  local = await startPath({ emulator: { onDynamoDb, onS3 } });
  token = await local.token();
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-counted-"));
  for (let at = 0; at < FILES; at += 1)
    await writeFile(path.join(folder, `${at}.txt`), `n ${at}\n`);
  pushed = await count(async () => {
    const { code } = await zenode("push", folder, "--project", PROJECT, "--state", local.state);
    expect(code).toBe(0);
  });
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

/** What is used from its call to its end. */
async function count(act: () => Promise<unknown>): Promise<Consumption> {
  await settle(local.cloud);
  counter.take();
  await act();
  await settle(local.cloud);
  return counter.take();
}

const call = (tool: string, args: Record<string, unknown>) =>
  callTool(local, token, tool, { project: PROJECT, ...args });

test("a push of a hundred files is one upload, read twice and copied once", () => {
  expect(pushed).toMatchObject({ s3Writes: 2, s3Reads: 2 });
});

test("a search of all files asks S3 for the index, the trees and one run of files, and then for nothing", async () => {
  const search = () => call("search_files", { pattern: "n 1" });
  expect(await count(search)).toMatchObject({ s3Writes: 0, s3Reads: 3 });
  expect(await count(search)).toMatchObject({ s3Writes: 0, s3Reads: 0 });
});

test("a file read by a process that knows the project asks S3 for nothing", async () => {
  const read = () => call("read_file", { path: "7.txt" });
  await read();
  expect(await count(read)).toMatchObject({ s3Writes: 0, s3Reads: 0, dynamoRequests: 1 });
});

test("an edit is one pack, its count, one transaction and its announcement", async () => {
  const edits = [{ old_text: "n 42", new_text: "number 42" }];
  const edited = await count(() => call("edit_file", { path: "42.txt", edits }));
  expect(edited).toMatchObject({ s3Writes: 1, s3Reads: 0, dynamoWrites: 3 });
});
