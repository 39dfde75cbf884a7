import { execFileSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Entry, type FileEntry, MAX_FILE_BYTES, type Snapshot } from "@zenode/core";
import { MemoryWorkspace } from "@zenode/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFolder } from "../folder.ts";
import { openFolderComputer } from "./folder-computer.ts";
import { FolderProjects } from "./folder-projects.ts";
import { readConfined } from "./read-confined.ts";

let base: string;
let folder: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), "zenode-live-")));
  folder = path.join(base, "My App");
  await mkdir(folder);
  await write({
    ".gitignore": "*.log\n/build/\nnode_modules\n!keep.log\n",
    ".zenodeignore": "secret*\n",
    "a.ts": "export const a = 1;\n",
    "a/b.ts": "import '../a.ts';\n",
    "a-b.ts": "",
    "a/.gitignore": "*.gen\n",
    "a/x.gen": "generated",
    "keep.log": "kept",
    "other.log": "left out",
    "build/out.js": "left out",
    "src/build/in.js": "kept",
    "node_modules/m/index.js": "left out",
    "secret.txt": "left out",
    ".git/config": "left out",
    "odd [1]{x}*?.ts": "odd",
    " lead and trail ": "spaces",
    "#hash": "#",
    "!bang": "!",
    "ü/ß.txt": "unicode",
    run: "#!/bin/sh\n",
    copy: "kept",
  });
  await chmod(path.join(folder, "run"), 0o755);
  await writeFile(path.join(base, "outside.txt"), "outside");
  await symlink("a.ts", path.join(folder, "link"));
  await symlink("a", path.join(folder, "link-to-directory"));
  await symlink("../outside.txt", path.join(folder, "link-out"));
  await symlink("/etc", path.join(folder, "link-to-etc"));
  await writeFile(path.join(folder, "huge"), "");
  await truncate(path.join(folder, "huge"), MAX_FILE_BYTES + 1);
  await writeFile(path.join(folder, "two\nlines"), "no name of a project's file");
});
afterEach(() => rm(base, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

async function open(): Promise<Snapshot> {
  const projects = await FolderProjects.of(folder);
  return projects.open(projects.name);
}

async function walk(snapshot: Snapshot, from?: string): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const entry of snapshot.walk(from)) all.push(entry);
  return all;
}

async function filesOf(snapshot: Snapshot): Promise<FileEntry[]> {
  return (await walk(snapshot)).filter((entry) => entry.kind === "file");
}

describe("a folder seen as a project", () => {
  test("is what a push of it would be: files, modes, links, hashes, order, totals", async () => {
    const workspace = new MemoryWorkspace();
    const outcome = await workspace.push("my-app", {}, { source: openFolder(folder) });
    expect(outcome.skipped.map(({ path: name }) => name).sort()).toEqual(
      ["huge", "link-out", "link-to-etc", "two\nlines"].sort(),
    );
    const [live, pushed] = [await open(), await workspace.projects().open("my-app")];
    const entries = await walk(live);
    expect(entries).toEqual(await walk(pushed));
    expect(entries.length).toBeGreaterThan(10);
    expect(await walk(live, "a")).toEqual(await walk(pushed, "a"));
    for (const at of ["", "a", "src/build"]) {
      const listed = await pushed.list(at);
      // A folder's directories have no trees with ids, and a listing reads no file for its own.
      expect(await live.list(at)).toEqual(
        listed.map((entry) => ({
          ...entry,
          ...(entry.kind === "directory" && { tree: undefined }),
          ...(entry.kind === "file" && { blob: undefined }),
        })),
      );
    }
    const [summary] = await (await FolderProjects.of(folder)).list();
    const { files, bytes } = outcome;
    expect(summary).toMatchObject({ name: "my-app", snapshot: 1, files, bytes });
    for await (const { file, content } of live.readMany(await filesOf(live))) {
      expect(content).toEqual(await pushed.read(file.path, MAX_FILE_BYTES));
    }
  });

  test("is read as it is now", async () => {
    const snapshot = await open();
    const [before] = (await walk(snapshot, "a")).slice(-1);
    await write({ "a/b.ts": "changed\n", "a/new.ts": "new" });
    expect(new TextDecoder().decode(await snapshot.read("a/b.ts", 100))).toBe("changed\n");
    const after = await walk(snapshot, "a");
    expect(after.map((entry) => entry.path)).toEqual(["a/.gitignore", "a/b.ts", "a/new.ts"]);
    expect(after[1]).not.toEqual(before);
  });

  test("passes over what vanishes on the way", async () => {
    const snapshot = await open();
    const files = await filesOf(snapshot);
    await rm(path.join(folder, "a"), { recursive: true });
    const read: string[] = [];
    for await (const { file } of snapshot.readMany(files)) read.push(file.path);
    expect(read).toEqual(files.map((file) => file.path).filter((name) => !name.startsWith("a/")));
  });

  test.each([
    ["../outside.txt", "invalid_path"],
    ["/etc/passwd", "invalid_path"],
    ["a/../../outside.txt", "invalid_path"],
    ["a\u0000b", "invalid_path"],
    [".git/config", "invalid_path"],
    ["other.log", "not_found"],
    ["build/out.js", "not_found"],
    ["secret.txt", "not_found"],
    ["a/x.gen", "not_found"],
    ["huge", "not_found"],
    ["link-out", "not_found"],
    ["link-to-etc/passwd", "not_found"],
    ["link-to-directory/b.ts", "not_found"],
    ["a.ts/b", "not_found"],
    ["link", "not_a_file"],
    ["a", "not_a_file"],
    ["", "not_a_file"],
  ])("%j can't be read: %s", async (name, code) => {
    const snapshot = await open();
    await expect(snapshot.read(name, 100)).rejects.toMatchObject({ name: "RefusedError", code });
  });

  test("gives no more than was asked for", async () => {
    const snapshot = await open();
    await expect(snapshot.read("a.ts", 3)).rejects.toMatchObject({ code: "too_large" });
    await expect(snapshot.list("a.ts")).rejects.toMatchObject({ code: "not_a_directory" });
    await expect(snapshot.list("link-to-directory")).rejects.toMatchObject({
      code: "not_a_directory",
    });
  });

  test("knows no other project", async () => {
    const projects = await FolderProjects.of(folder);
    expect(await projects.names()).toEqual(["my-app"]);
    await expect(projects.open("else")).rejects.toMatchObject({
      code: "not_found",
      message: "There is no project else. There are: my-app.",
    });
  });
});

describe("a file is read where it lies", () => {
  test("and not through a directory that became a link", async () => {
    await mkdir(path.join(base, "elsewhere"));
    await writeFile(path.join(base, "elsewhere/b.ts"), "stolen");
    await rename(path.join(folder, "a"), path.join(folder, "was-a"));
    await symlink(path.join(base, "elsewhere"), path.join(folder, "a"));
    await expect(readConfined(folder, "a/b.ts", 100)).rejects.toMatchObject({ code: "not_found" });
  });

  test("and not through a link of its own name", async () => {
    await expect(readConfined(folder, "link-out", 100)).rejects.toMatchObject({
      code: "not_found",
      message: "link-out can't be read: it is a link, and links are not followed.",
    });
  });

  test("and a pipe is not waited for", async () => {
    execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", path.join(folder, "pipe")]);
    await expect(readConfined(folder, "pipe", 100)).rejects.toMatchObject({ code: "not_a_file" });
  });
});

test("what ripgrep sees of the folder is the project", async () => {
  const projects = await FolderProjects.of(folder);
  const computer = await openFolderComputer(projects);
  const { folder: place, ignoreFile, snapshot } = await computer.checkout("my-app");
  expect([place, snapshot]).toEqual([folder, 1]);
  const flags = ["--files", "--null", "--no-config", "--no-ignore", "--hidden", "--sort=path"];
  const seen = execFileSync(computer.ripgrep, [...flags, `--ignore-file=${ignoreFile}`, "./"], {
    cwd: place,
    encoding: "utf8",
  });
  const files = await filesOf(await projects.open("my-app"));
  expect(seen.split("\0").filter(Boolean)).toEqual(files.map((file) => `./${file.path}`));
  await computer.dispose();
  await expect(realpath(ignoreFile ?? "")).rejects.toMatchObject({ code: "ENOENT" });
});
