import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { connectModern } from "../harness/clients.ts";
import { launch, zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

let local: LocalPath;
let base: string;

beforeAll(async () => {
  local = await startPath();
  base = await realpath(await mkdtemp(path.join(os.tmpdir(), "zenode-watch-")));
});
afterAll(async () => {
  await local.close();
  await rm(base, { recursive: true, force: true });
});

interface Told {
  readonly event: string;
  readonly snapshot?: number;
  readonly ms?: number;
  readonly paths?: readonly string[];
  readonly written?: readonly string[];
  readonly path?: string;
  readonly copy?: string;
}

interface Watching {
  readonly child: ChildProcess;
  readonly told: readonly Told[];
}

let project: string;
let [one, two] = ["", ""];
const watching: Watching[] = [];
beforeEach(async () => {
  project = `w-${crypto.randomUUID().slice(0, 8)}`;
  [one, two] = [path.join(base, project, "one"), path.join(base, project, "two")];
  await mkdir(one, { recursive: true });
});
afterEach(async () => {
  for (const { child } of watching.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, "close");
    child.kill("SIGINT");
    await ended;
  }
});

const words = (command: string, folder: string) =>
  [command, folder, "--project", project, "--state", local.state, "--json"] as const;

/** A running `zenode watch`, ready. */
async function watch(folder: string): Promise<Watching> {
  const child = launch([...words("watch", folder), "--poll", "0.3"]);
  const told: Told[] = [];
  createInterface({ input: child.stdout ?? ([] as never) }).on("line", (line) => {
    told.push(JSON.parse(line) as Told);
  });
  watching.push({ child, told });
  await eventually(
    "a watch to be ready",
    () => told.some(({ event }) => event === "ready"),
    90_000,
  );
  return { child, told };
}

const push = async (folder: string) =>
  expect((await zenode(...words("push", folder))).code).toBe(0);

async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.relative(folder, file)] = await readFile(file, "utf8");
  }
  return found;
}

/** The folders hold the same, and it is what is expected. */
async function toConverge(expected: Readonly<Record<string, string>>): Promise<void> {
  const wanted = JSON.stringify(Object.entries(expected).sort());
  const isEqual = async (folder: string) => {
    // A directory may go away between its name and its list.
    const found = await contents(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw cause;
    });
    return found !== undefined && JSON.stringify(Object.entries(found).sort()) === wanted;
  };
  await eventually(
    "both folders to be equal",
    async () => (await isEqual(one)) && (await isEqual(two)),
    90_000,
  );
}

test("an edit here appears in the cloud and in another folder, new directories and all", async () => {
  await writeFile(path.join(one, "a.txt"), "a");
  await writeFile(path.join(one, ".gitignore"), "ignored\n");
  const here = await watch(one);
  await watch(two);
  await writeFile(path.join(one, "a.txt"), "a1");
  const pushed = await eventually("the edit to be pushed", () =>
    here.told.find((one) => one.event === "pushed" && one.snapshot === 2),
  );
  console.log(`watch: an edit was in the cloud after ${pushed.ms} ms`);
  expect(pushed.paths).toEqual(["a.txt"]);
  await mkdir(path.join(one, "new/deep"), { recursive: true });
  await writeFile(path.join(one, "new/deep/b.txt"), "b");
  await mkdir(path.join(one, "ignored"));
  await writeFile(path.join(one, "ignored/c.txt"), "c");
  await eventually("the new directory there", async () => (await contents(two))["new/deep/b.txt"]);
  await rename(path.join(two, "new"), path.join(two, "moved"));
  await rm(path.join(one, "ignored"), { recursive: true });
  await toConverge({ ".gitignore": "ignored\n", "a.txt": "a1", "moved/deep/b.txt": "b" });
});

test("two watches that change one file at once keep both, and end with the same files", async () => {
  await writeFile(path.join(one, "a.txt"), "a");
  const [here, there] = [await watch(one), await watch(two)];
  await Promise.all([
    writeFile(path.join(one, "a.txt"), "one"),
    writeFile(path.join(two, "a.txt"), "two"),
  ]);
  const conflict = await eventually("a conflict", () =>
    [...here.told, ...there.told].find(({ event }) => event === "conflict"),
  );
  expect(conflict).toMatchObject({ path: "a.txt", copy: "a.txt.zenode-2" });
  const isHere = here.told.includes(conflict);
  await toConverge({
    "a.txt": isHere ? "one" : "two",
    "a.txt.zenode-2": isHere ? "two" : "one",
  });
});

test("Ctrl-C ends a watch with 0, and a folder that is watched is nobody else's meanwhile", async () => {
  await writeFile(path.join(one, "a.txt"), "a");
  await push(one);
  const { child } = await watch(one);
  const refused = await zenode(...words("pull", one));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("Another zenode process is at work on");
  expect((await zenode(...words("status", one))).code).toBe(0);
  const ended = once(child, "close");
  // The terminal's comes to all at once, the launcher's at any time after it: until the very end one more does no harm.
  const ctrlC = () => child.exitCode === null && process.kill(-(child.pid ?? 0), "SIGINT");
  ctrlC();
  const again = setInterval(ctrlC, 2);
  try {
    expect(await ended).toEqual([0, null]);
  } finally {
    clearInterval(again);
  }
  expect((await zenode(...words("pull", one))).code).toBe(0);
});

test("a folder that goes away ends its watch and deletes nothing in the cloud", async () => {
  await writeFile(path.join(one, "a.txt"), "a");
  const { child, told } = await watch(one);
  const ended = once(child, "close");
  await rename(one, `${one}-elsewhere`);
  expect((await ended)[0]).toBe(1);
  expect(told.filter(({ event }) => event === "pushed").map(({ snapshot }) => snapshot)).toEqual([
    1,
  ]);
  expect((await zenode(...words("pull", two))).code).toBe(0);
  expect(await contents(two)).toEqual({ "a.txt": "a" });
});

test("a project that is deleted meanwhile is not made anew of what changes, and goes on when it is restored", async () => {
  await writeFile(path.join(one, "a.txt"), "a");
  await writeFile(path.join(one, "b.txt"), "b");
  await push(one);
  const { told } = await watch(one);
  const client = await connectModern(local.mcpUrl, await local.token());
  try {
    await client.call("projects", { action: "delete", project, confirm: project });
    await writeFile(path.join(one, "a.txt"), "edited");
    const troubles = () => told.filter(({ event }) => event === "trouble");
    await eventually("the watch to tell", () => troubles().length > 0, 90_000);
    expect(troubles()).toEqual([
      { event: "trouble", message: expect.stringContaining(`${project} was deleted`) },
    ]);
    expect((await client.call("read_file", { project, path: "a.txt" })).text).toContain(
      "was deleted by",
    );
    await client.call("restore", { project, snapshot: 1 });
  } finally {
    await client.close();
  }
  const pushed = () => told.filter(({ event }) => event === "pushed");
  await eventually("the edit to be pushed", () => pushed().length > 0, 90_000);
  expect((await zenode(...words("pull", two))).code).toBe(0);
  expect(await contents(two)).toEqual({ "a.txt": "edited", "b.txt": "b" });
});

test("nothing of all this was logged as an error", () => {
  expect(errorLines(local)).toEqual([]);
});
