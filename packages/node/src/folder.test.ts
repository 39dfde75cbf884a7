import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scanFolder } from "./folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "zenode-folder-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

async function scan(): Promise<readonly string[]> {
  return (await scanFolder(folder)).map((file) => file.path);
}

/** What git itself would add, by the same rules. */
function askGit(): readonly string[] {
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "core.excludesFile=", ...args], { cwd: folder, encoding: "utf8" });
  git("init", "--quiet");
  return git("ls-files", "-z", "--others", "--exclude-standard").split("\0").filter(Boolean);
}

test("files come sorted, with size, mode and content", async () => {
  await write({ "b.txt": "bb", "a/z.txt": "z", "a.txt": "", "a/b/c.txt": "ü" });
  await chmod(path.join(folder, "b.txt"), 0o755);
  const files = await scanFolder(folder);
  expect(files).toMatchObject([
    { kind: "file", path: "a/b/c.txt", bytes: 2, executable: false },
    { kind: "file", path: "a/z.txt", bytes: 1, executable: false },
    { kind: "file", path: "a.txt", bytes: 0, executable: false },
    { kind: "file", path: "b.txt", bytes: 2, executable: true },
  ]);
  const [first] = files;
  const content = first?.kind === "file" ? await first.read() : undefined;
  expect(new TextDecoder().decode(content)).toBe("ü");
});

test("links are links, to files, to directories and to nothing", async () => {
  await write({ "dir/file": "1" });
  await symlink("dir", path.join(folder, "to-dir"));
  await symlink("../..", path.join(folder, "dir/up"));
  await symlink("nothing", path.join(folder, "dangling"));
  expect(await scanFolder(folder)).toMatchObject([
    { kind: "link", path: "dangling", target: "nothing" },
    { kind: "file", path: "dir/file" },
    { kind: "link", path: "dir/up", target: "../.." },
    { kind: "link", path: "to-dir", target: "dir" },
  ]);
});

test(".git is left out at every depth", async () => {
  await write({ ".git/config": "", "sub/.git/config": "", "sub/a": "", ".gitx": "", link: "" });
  expect(await scan()).toEqual([".gitx", "link", "sub/a"]);
});

test(".gitignore files mean what git means by them", async () => {
  await write({
    ".gitignore":
      "*.log\n/build\nnode_modules/\n!keep.log\ndocs/**/*.tmp\n\\#odd\n# comment\n*.cache/\n",
    "a.log": "",
    "keep.log": "",
    "build/x": "",
    "src/build/x": "",
    "src/node_modules/y": "",
    node_modules: "a file of that name stays",
    "docs/a/b/c.tmp": "",
    "docs/c.txt": "",
    "#odd": "",
    "x.cache": "",
    "y.cache/z": "",
    "src/.gitignore": "!*.log\n/only-here\n*.gen\n",
    "src/b.log": "",
    "src/only-here": "",
    "src/deep/only-here": "",
    "src/deep/.gitignore": "!c.gen\n",
    "src/deep/c.gen": "",
    "src/deep/d.gen": "",
  });
  const kept = await scan();
  expect(kept).toEqual([
    ".gitignore",
    "docs/c.txt",
    "keep.log",
    "node_modules",
    "src/.gitignore",
    "src/b.log",
    "src/build/x",
    "src/deep/.gitignore",
    "src/deep/c.gen",
    "src/deep/only-here",
    "x.cache",
  ]);
  expect(kept.toSorted()).toEqual(askGit().toSorted());
});

test("private excludes of the repository count, too", async () => {
  await write({ a: "", secret: "" });
  askGit();
  await write({ ".git/info/exclude": "secret\n" });
  expect(await scan()).toEqual(["a"]);
});

test(".zenodeignore adds to .gitignore and can take back", async () => {
  await write({
    ".gitignore": "dist\n*.env\n",
    ".zenodeignore": "!dist\nbig/\n",
    "dist/app.js": "",
    "big/model.bin": "",
    "a.env": "",
  });
  expect(await scan()).toEqual([".gitignore", ".zenodeignore", "dist/app.js"]);
});
