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
import type { FileChange, Snapshot } from "@zenode/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderProjects } from "./folder-projects.ts";

let root: string;
let projects: FolderProjects;
let base: Snapshot;

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), "zenode-folder-")));
  await mkdir(at("src/deep"), { recursive: true });
  await writeFile(at("a.txt"), "a");
  await writeFile(at("src/b.ts"), "b");
  await writeFile(at("src/deep/c.ts"), "c");
  await writeFile(at("run"), "#!");
  await chmod(at("run"), 0o750);
  await writeFile(at(".gitignore"), "ignored\n*.log\n");
  await mkdir(at("ignored"));
  await symlink("a.txt", at("link"));
  await symlink("/", at("away"));
  projects = await FolderProjects.of(root);
  base = await projects.open(projects.name);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (relative: string) => path.join(root, relative);
const text = (relative: string) => readFile(at(relative), "utf8");
const write = (to: string, content: string, executable = false): FileChange => ({
  kind: "file",
  path: to,
  content: new TextEncoder().encode(content),
  executable,
});
const remove = (from: string): FileChange => ({ kind: "absent", path: from });
const copy = (from: string, to: string): FileChange => ({ kind: "copy", from, path: to });
const change = (...changes: FileChange[]) => projects.change(base, changes);

/** Every path below the folder; no link is followed. */
async function all(folder = root): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    paths.push(path.relative(root, file), ...(entry.isDirectory() ? await all(file) : []));
  }
  return paths.sort();
}

test("files are written, replaced and removed, directories come and go with them", async () => {
  await change(write("a.txt", "A"), write("new/x.ts", "x", true), remove("src/deep/c.ts"));
  expect([await text("a.txt"), await text("new/x.ts")]).toEqual(["A", "x"]);
  expect((await stat(at("new/x.ts"))).mode & 0o111).not.toBe(0);
  expect(await all()).not.toContain("src/deep");
  expect((await all()).filter((name) => name.includes(".zenode-"))).toEqual([]);
});

test("a replaced file keeps its permissions but for what the change says", async () => {
  await change(write("run", "1", true));
  expect((await stat(at("run"))).mode & 0o777).toBe(0o750);
  await change(write("run", "2", false));
  expect((await stat(at("run"))).mode & 0o111).toBe(0);
});

test("a directory is moved with all that is the project's", async () => {
  await writeFile(at("src/debug.log"), "stays");
  await change(copy("src", "lib"), remove("src"), write("lib/b.ts", "B"));
  expect([await text("lib/b.ts"), await text("lib/deep/c.ts")]).toEqual(["B", "c"]);
  expect(await all()).toContain("src/debug.log");
  expect(await all()).not.toContain("lib/debug.log");
});

test("a link is replaced itself, never what it leads to", async () => {
  await change(write("link", "no link"));
  expect([await text("link"), await text("a.txt")]).toEqual(["no link", "a"]);
  await change({ kind: "link", path: "l2", target: "src/b.ts" });
  expect(await readlink(at("l2"))).toBe("src/b.ts");
});

test.each([
  ["through a link", [write("away/tmp/zenode-x", "")], "not_a_directory"],
  ["below a file", [write("a.txt/x", "")], "not_a_directory"],
  ["over a directory", [write("src", "")], "not_a_file"],
  ["into git's folder", [write(".git/hooks/pre-commit", "")], "invalid_path"],
  ["above the folder", [write("../x", "")], "invalid_path"],
  ["the root", [remove("")], "invalid_path"],
  ["where the project has no part", [write("ignored/x", "")], "invalid_input"],
  ["over a link that leads out", [write("away", "")], "invalid_input"],
  ["what the project has no part in", [write("a.log", "")], "invalid_input"],
  ["one path twice", [write("x", ""), remove("x")], "invalid_input"],
  ["a link out", [{ kind: "link", path: "x", target: "../y" }], "invalid_path"],
  ["a copy of nothing", [copy("none", "x")], "not_found"],
] as const)("nothing is written %s, nor anything with it", async (_, changes, code) => {
  const before = await all();
  await expect(change(write("first", ""), ...changes)).rejects.toMatchObject({ code });
  expect(await all()).toEqual(before);
});

test("what somebody else changed after it was read is not overwritten", async () => {
  await base.read("a.txt", 10);
  await expect(base.entry("new")).rejects.toMatchObject({ code: "not_found" });
  await writeFile(at("a.txt"), "theirs");
  await writeFile(at("new"), "theirs");
  for (const file of ["a.txt", "new"]) {
    await expect(change(write(file, "ours"))).rejects.toMatchObject({ code: "conflict" });
    expect(await text(file)).toBe("theirs");
  }
  base = await projects.open(projects.name);
  await base.read("a.txt", 10);
  await change(write("a.txt", "ours"));
  expect(await text("a.txt")).toBe("ours");
});
