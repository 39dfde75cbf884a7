import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectLegacy, connectModern, type TestClient } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

const FILES = 8;
const LINES = Array.from({ length: FILES }, (_, at) => `line ${at}\n`).join("");

let local: LocalPath;
let clients: readonly TestClient[];
let folder: string;

beforeAll(async () => {
  local = await startPath({
    emulator: { lambda: { rotation: { kind: "strict", minProcesses: 4 } } },
  });
  const token = await local.token();
  clients = await Promise.all([
    connectModern(local.mcpUrl, token),
    connectLegacy(local.mcpUrl, token),
  ]);
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-changing-"));
  await writeFile(path.join(folder, "shared.txt"), LINES);
  for (let at = 0; at < FILES; at += 1) await writeFile(path.join(folder, `${at}.txt`), "old\n");
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

let project: string;
beforeEach(async () => {
  project = `p-${crypto.randomUUID().slice(0, 8)}`;
  const pushed = await zenode("push", folder, "--project", project, "--state", local.state);
  expect(pushed.code).toBe(0);
});

/** By one client after the other: both eras, and each call in another process. */
const call = (name: string, args: object, at = 0) => {
  const client = clients[at % clients.length] as TestClient;
  return client.call(name, { project, ...args });
};
const textOf = async (file: string) => (await call("read_file", { path: file })).text;

test("what one call writes the next one reads, in another process", async () => {
  const written = await call("write_file", { path: "src/new.ts", content: "export {};\n" });
  expect(written.structured).toMatchObject({ project, snapshot: 2, created: true });
  const edits = [{ old_text: "{}", new_text: "{ a }" }];
  await call("edit_file", { path: "src/new.ts", edits }, 1);
  await call("move", { source: "src", destination: "lib" });
  expect(await textOf("lib/new.ts")).toContain("export { a };");
  const gone = await call("delete", { path: "lib", recursive: true }, 1);
  expect(gone.structured).toMatchObject({ snapshot: 5, files: 1 });
  expect((await call("read_file", { path: "lib/new.ts" })).isError).toBe(true);
  expect(errorLines(local)).toEqual([]);
});

test("calls at the same time that change different files all win", async () => {
  const edits = [{ old_text: "old", new_text: "new" }];
  const done = await Promise.all(
    Array.from({ length: FILES }, (_, at) => call("edit_file", { path: `${at}.txt`, edits }, at)),
  );
  expect(done.filter(({ isError }) => isError)).toEqual([]);
  const numbers = done.map(({ structured }) => structured?.snapshot as number);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(done.map((_, at) => at + 2));
  for (let at = 0; at < FILES; at += 1) expect(await textOf(`${at}.txt`)).toContain("new");
});

test("calls at the same time that change one file win or are told of a conflict, and nothing is lost", async () => {
  const done = await Promise.all(
    Array.from({ length: FILES }, (_, at) => {
      const edits = [{ old_text: `line ${at}\n`, new_text: `LINE ${at}\n` }];
      return call("edit_file", { path: "shared.txt", edits }, at);
    }),
  );
  const text = await textOf("shared.txt");
  for (const [at, { isError, text: said }] of done.entries()) {
    expect(text.includes(`LINE ${at}\n`)).toBe(!isError);
    if (isError) expect(said).toMatch(/shared.txt was changed by dev in snapshot \d+\./);
  }
  expect(done.some(({ isError }) => !isError)).toBe(true);
  expect(text.toLowerCase()).toBe(LINES);
});
