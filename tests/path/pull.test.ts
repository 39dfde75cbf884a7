import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type CommandOutcome, launch, zenode } from "../harness/command-line.ts";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";

let local: LocalPath;
let base: string;

beforeAll(async () => {
  local = await startPath();
  base = await realpath(await mkdtemp(path.join(os.tmpdir(), "zenode-pull-")));
});
afterAll(async () => {
  await local.close();
  await rm(base, { recursive: true, force: true });
});

let project: string;
/** Two machines of one user: each has its folder. */
let [one, two] = ["", ""];
beforeEach(async () => {
  project = `p-${crypto.randomUUID().slice(0, 8)}`;
  [one, two] = [path.join(base, project, "one"), path.join(base, project, "two")];
  await mkdir(one, { recursive: true });
});

const run = (command: string, ...words: string[]) =>
  zenode(command, ...words, "--project", project, "--state", local.state, "--json");

interface Report {
  readonly kind: string;
  readonly snapshot: number;
  readonly head: number;
  readonly behind: number;
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly conflicts: readonly { readonly path: string; readonly copy?: string }[];
  readonly here: readonly { readonly path: string; readonly change: string }[];
  readonly there: readonly { readonly path: string; readonly change: string }[];
  readonly read: number;
  readonly received: { readonly requests: number; readonly bytes: number };
  readonly uploaded: { readonly blobs: number; readonly packs: number; readonly bytes: number };
}

function reportOf({ code, stdout, stderr }: CommandOutcome, expected = 0): Report {
  expect(code, stderr).toBe(expected);
  return JSON.parse(stdout) as Report;
}

const push = async (folder: string, ...words: string[]) =>
  reportOf(await run("push", folder, ...words));
const pull = async (folder: string, ...words: string[]) =>
  reportOf(await run("pull", folder, ...words));

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

/** Contents by path, `x ` before executables, `> ` before targets of links. */
async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file);
    if (entry.isSymbolicLink()) found[name] = `> ${await readlink(file)}`;
    if (!entry.isFile()) continue;
    const isExecutable = ((await stat(file)).mode & 0o100) !== 0;
    found[name] = `${isExecutable ? "x " : ""}${await readFile(file, "latin1")}`;
  }
  return found;
}

test("what was pushed here is pulled there, and changes go both ways as deltas", async () => {
  await write(one, {
    "a.txt": "a",
    "src/b.ts": "b",
    "src/deep/c.ts": "c",
    run: "#!",
    ".gitignore": "*.log\n",
  });
  await chmod(path.join(one, "run"), 0o755);
  await symlink("a.txt", path.join(one, "link"));
  for (let at = 0; at < 60; at += 1) await write(one, { [`many/${at}`]: `${at}\n`.repeat(500) });
  expect(await push(one)).toMatchObject({ kind: "committed", snapshot: 1 });

  expect(await pull(two)).toMatchObject({ kind: "pulled", snapshot: 1, conflicts: [] });
  expect(await contents(two)).toEqual(await contents(one));
  expect(await contents(two)).toMatchObject({ run: "x #!", link: "> a.txt" });

  await write(two, { "src/b.ts": "B2", "new.ts": "n", "noise.log": "not pushed" });
  await rm(path.join(two, "src/deep"), { recursive: true });
  expect(await push(two)).toMatchObject({ kind: "committed", snapshot: 2, uploaded: { packs: 1 } });
  const { written, removed, received } = await pull(one);
  expect({ written, removed }).toEqual({
    written: ["new.ts", "src/b.ts"],
    removed: ["src/deep/c.ts"],
  });
  expect(received.bytes).toBeLessThan(3_000);
  expect(await contents(one)).toEqual(
    Object.fromEntries(
      Object.entries(await contents(two)).filter(([name]) => name !== "noise.log"),
    ),
  );
  expect(await readdir(path.join(one, "src"))).toEqual(["b.ts"]);
  expect(await pull(one)).toMatchObject({ kind: "unchanged", received: { requests: 0 } });
});

test("files changed here and there merge; one changed on both sides is kept twice", async () => {
  await write(one, { "a.txt": "a", "b.txt": "b", "c.txt": "c" });
  await push(one);
  await pull(two);
  await write(one, { "a.txt": "a1", "c.txt": "c1" });
  await write(two, { "b.txt": "b2", "c.txt": "c2" });
  await push(one);

  const status = reportOf(await run("status", two));
  expect(status).toMatchObject({
    snapshot: 1,
    head: 2,
    behind: 1,
    here: [{ path: "b.txt" }, { path: "c.txt" }],
    there: [{ path: "a.txt" }, { path: "c.txt" }],
    conflicts: ["c.txt"],
  });

  const refused = await zenode("push", two, "--project", project, "--state", local.state);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("dev was first, and c.txt changed there (snapshot 2)");
  expect(refused.stdout).toContain(`zenode pull --project ${project}`);

  const pulled = reportOf(await run("pull", two), 1);
  expect(pulled).toMatchObject({
    written: ["a.txt"],
    conflicts: [{ path: "c.txt", copy: "c.txt.zenode-2" }],
  });
  const merged = { "a.txt": "a1", "b.txt": "b2", "c.txt": "c2", "c.txt.zenode-2": "c1" };
  expect(await contents(two)).toEqual(merged);
  expect(await push(two)).toMatchObject({ kind: "committed", snapshot: 3 });
  await pull(one);
  expect(await contents(one)).toEqual(merged);
});

test("a push onto a head that moved takes along what others changed elsewhere", async () => {
  await write(one, { "a.txt": "a", "b.txt": "b" });
  await push(one);
  await pull(two);
  await write(one, { "a.txt": "a1" });
  await push(one);
  await write(two, { "b.txt": "b2" });
  expect(await push(two)).toMatchObject({ kind: "committed", snapshot: 3, behind: 1 });
  expect(await contents(two)).toEqual({ "a.txt": "a", "b.txt": "b2" });
  expect(await pull(two)).toMatchObject({ written: ["a.txt"], conflicts: [] });
  await pull(one);
  expect(await contents(one)).toEqual({ "a.txt": "a1", "b.txt": "b2" });
  expect(await contents(two)).toEqual(await contents(one));
});

test("a folder that never had the project does not push over what is there", async () => {
  await write(one, { "a.txt": "a", "b.txt": "b" });
  await push(one);
  await write(two, { "a.txt": "mine", "new.txt": "n" });
  expect(reportOf(await run("push", two), 1)).toMatchObject({
    kind: "conflict",
    conflicts: ["a.txt"],
    head: 1,
  });
  expect(await push(two, "--replace")).toMatchObject({ kind: "committed", snapshot: 2, files: 2 });
  await pull(one);
  expect(await contents(one)).toEqual({ "a.txt": "mine", "new.txt": "n" });
});

test("status reads only files that changed", async () => {
  for (let at = 0; at < 40; at += 1) await write(one, { [`d/${at}`]: `${at}` });
  await push(one);
  // A file is known by its stamp once its last change lies two seconds back.
  await eventually("stamps to settle", async () => reportOf(await run("status", one)).read === 0);
  await write(one, { "d/7": "seven" });
  await rm(path.join(one, "d/8"));
  expect(reportOf(await run("status", one))).toMatchObject({
    read: 1,
    here: [
      { path: "d/7", change: "modified" },
      { path: "d/8", change: "deleted" },
    ],
    there: [],
    behind: 0,
  });
});

test("ignored files that the project has stay in it, and those it lacks stay out", async () => {
  await write(one, { "a.txt": "a", "out/x": "1" });
  await push(one);
  await pull(two);
  await write(one, { ".zenodeignore": "out\n", "out/y": "2", "a.txt": "a1" });
  await push(one);
  await write(two, { "out/y": "mine" });
  await pull(two);
  expect(await contents(two)).toEqual({
    ".zenodeignore": "out\n",
    "a.txt": "a1",
    "out/x": "1",
    "out/y": "mine",
  });
  expect(reportOf(await run("status", two))).toMatchObject({ here: [], there: [] });
});

test("a dry run tells and writes nothing; an old snapshot comes into an empty folder only", async () => {
  await write(one, { "a.txt": "a" });
  await push(one);
  await write(one, { "a.txt": "a1", "b.txt": "b" });
  await push(one);
  expect(await pull(two, "--dry-run")).toMatchObject({ written: ["a.txt", "b.txt"] });
  expect(await readdir(two)).toEqual([]);
  await pull(two, "--snapshot", "1");
  expect(await contents(two)).toEqual({ "a.txt": "a" });
  const refused = await run("pull", two, "--snapshot", "2");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("is not empty");
  const missing = await run("pull", path.join(two, "../three"), "--snapshot", "9");
  expect(missing.stderr).toContain(`There is no snapshot 9 of ${project}; the newest is 2.`);
  expect(await pull(two)).toMatchObject({ written: ["a.txt", "b.txt"] });
});

test("nothing is written through a link that somebody put in a directory's place", async () => {
  await write(one, { "d/a.txt": "a" });
  await push(one);
  await pull(two);
  await write(one, { "d/a.txt": "a1", "d/b.txt": "b" });
  await push(one);
  const outside = path.join(base, project, "outside");
  await write(outside, { "a.txt": "a" });
  await rm(path.join(two, "d"), { recursive: true });
  await symlink(outside, path.join(two, "d"));
  reportOf(await run("pull", two), 1);
  expect(await contents(outside)).toEqual({ "a.txt": "a" });
  expect(await contents(two)).toEqual({
    d: `> ${outside}`,
    "d.zenode-2/a.txt": "a1",
    "d.zenode-2/b.txt": "b",
  });
});

test("upload and download move single files, and neither replaces unasked", async () => {
  await write(one, { "a.txt": "a", "b.txt": "b" });
  const files = [path.join(one, "a.txt"), path.join(one, "b.txt")];
  expect(reportOf(await run("upload", ...files, "--to", "in/deep"))).toMatchObject({
    kind: "committed",
    snapshot: 1,
  });
  await write(one, { "a.txt": "a1" });
  const refused = await run("upload", ...files, "--to", "in/deep");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("in/deep/a.txt lies in");
  reportOf(await run("upload", ...files, "--to", "in/deep", "--replace"));
  reportOf(await run("download", "in", "in/deep/b.txt", "--to", two));
  expect(await contents(two)).toEqual({
    "in/deep/a.txt": "a1",
    "in/deep/b.txt": "b",
    "b.txt": "b",
  });
  await write(two, { "b.txt": "mine" });
  const kept = await run("download", "in/deep/b.txt", "--to", two);
  expect(kept.stderr).toContain("b.txt is here already and different");
  expect((await contents(two))["b.txt"]).toBe("mine");
  const again = reportOf(await run("download", "in", "--to", two));
  expect(again).toMatchObject({ written: [] });
  const absent = await run("download", "nowhere", "--to", two);
  expect(absent.stderr).toContain(`There is no nowhere in project ${project}`);
});

/** What does not compress, so that it takes packs. */
async function writeLarge(folder: string, files: number, megabytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let at = 0; at < files; at += 1) {
    const parts = Array.from({ length: megabytes * 16 }, () =>
      crypto.getRandomValues(new Uint8Array(65_536)),
    );
    await writeFile(path.join(folder, `large-${at}`), Buffer.concat(parts));
  }
}

/** Starts a command and kills it, with SIGKILL, when it has said a line that fits. */
async function killWhen(fits: RegExp, words: readonly string[]): Promise<void> {
  const child = launch([...words, "--project", project, "--state", local.state]);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (fits.test(said) && child.exitCode === null) process.kill(-(child.pid ?? 0), "SIGKILL");
  });
  const [, signal] = await once(child, "close");
  expect(signal, said).toBe("SIGKILL");
}

test("a push and a pull that were killed go on where they were", async () => {
  await writeLarge(one, 6, 16);
  await killWhen(/uploading/, ["push", one]);
  const pushed = await push(one);
  expect(pushed).toMatchObject({ kind: "committed", snapshot: 1, files: 6 });
  expect(pushed.uploaded.bytes).toBeLessThan(70_000_000);

  await killWhen(/writing [1-5] of/, ["pull", two]);
  const left = await readdir(two);
  const pulled = await pull(two);
  console.log(
    `killed push: ${pushed.uploaded.bytes} bytes the second time; killed pull: ${pulled.received.bytes}`,
  );
  expect(left.length).toBeGreaterThan(0);
  expect(pulled.received.bytes).toBeLessThan(90_000_000);
  expect(await contents(two)).toEqual(await contents(one));
});

test("nothing of all this was logged as an error", () => {
  expect(errorLines(local)).toEqual([]);
});
