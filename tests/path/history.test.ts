import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectLegacy, connectModern, type TestClient } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

let local: LocalPath;
let clients: readonly TestClient[];
let folder: string;

beforeAll(async () => {
  local = await startPath({
    emulator: { lambda: { rotation: { kind: "strict", minProcesses: 3 } } },
  });
  const token = await local.token();
  clients = await Promise.all([
    connectModern(local.mcpUrl, token),
    connectLegacy(local.mcpUrl, token),
  ]);
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-history-"));
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

let project: string;
beforeEach(async () => {
  project = `p-${crypto.randomUUID().slice(0, 8)}`;
  await put("a.txt", "one\ntwo\n");
  await put("b.txt", "same\n");
  await push("first");
  await put("a.txt", "one\n2\n");
  await push("second");
});

const put = (name: string, text: string) => writeFile(path.join(folder, name), text);
async function push(message: string, ...more: string[]): Promise<void> {
  const args = ["--project", project, "--message", message, "--state", local.state, ...more];
  const pushed = await zenode("push", folder, ...args);
  expect(pushed.code).toBe(0);
}

/** By one client after the other: both eras, and each call in another process. */
let calls = 0;
const call = (name: string, args: object = {}) => {
  calls += 1;
  return (clients[calls % clients.length] as TestClient).call(name, { project, ...args });
};
const namesOf = async () => {
  const { structured } = await call("projects", { project: undefined });
  const projects = (structured?.projects ?? []) as readonly { readonly name: string }[];
  return projects.map(({ name }) => name);
};

test("what was pushed is compared, brought back as a new snapshot, and pushed over again", async () => {
  const compared = await call("diff");
  expect(compared.structured).toMatchObject({ from: 1, to: 2, files_changed: 1, complete: true });
  expect(compared.text).toContain("--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n");
  const restored = await call("restore", { snapshot: 1 });
  expect(restored.structured).toMatchObject({
    ...{ snapshot: 3, restored: 1 },
    files: [{ path: "a.txt", change: "modified" }],
  });
  expect((await call("read_file", { path: "a.txt" })).text).toContain("two");
  expect(await readFile(path.join(folder, "a.txt"), "utf8")).toBe("one\n2\n");
  await push("third", "--replace");
  const history = await call("history", { path: "a.txt" });
  expect(history.structured?.snapshots).toMatchObject([
    { snapshot: 4, message: "third", author: "dev", change: "modified" },
    { snapshot: 3, message: "restore snapshot 1", change: "modified" },
    { snapshot: 2, message: "second", change: "modified" },
    { snapshot: 1, message: "first", change: "added" },
  ]);
  expect((await call("history", { path: "b.txt" })).structured?.snapshots).toMatchObject([
    { snapshot: 1, change: "added" },
  ]);
  expect(errorLines(local)).toEqual([]);
});

test("a deleted project is gone until it is restored or pushed", async () => {
  const refused = await call("projects", { action: "delete", confirm: "another" });
  expect(refused.isError).toBe(true);
  await call("projects", { action: "delete", confirm: project });
  expect(await namesOf()).not.toContain(project);
  const read = await call("read_file", { path: "a.txt" });
  expect(read.text).toMatch(/was deleted by dev in snapshot 3\..*restore its snapshot 2/);
  expect((await call("restore", { snapshot: 2 })).structured).toMatchObject({ snapshot: 4 });
  expect((await call("read_file", { path: "a.txt" })).text).toContain("2");
  await call("projects", { action: "delete", confirm: project });
  await push("anew");
  expect(await namesOf()).toContain(project);
  expect((await call("history", { limit: 3 })).structured?.snapshots).toMatchObject([
    { snapshot: 6, message: "anew" },
    { snapshot: 5, deleted: true },
    { snapshot: 4, message: "restore snapshot 2" },
  ]);
});

test("of calls that create one name at the same time one does, and calls without a name mean the chosen one", async () => {
  const name = `q-${crypto.randomUUID().slice(0, 8)}`;
  const made = await Promise.all(
    Array.from({ length: 4 }, () => call("projects", { action: "create", project: name })),
  );
  expect(made.filter(({ isError }) => !isError)).toHaveLength(1);
  const unsaid = await call("list_directory", { project: undefined });
  expect(unsaid.text).toContain("Say which project");
  await call("projects", { action: "use", project: name });
  const said = await call("list_directory", { project: undefined });
  expect(said.structured).toMatchObject({ project: name, entries: [] });
});
