import { execFileSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type FolderChanges, MAX_FILE_BYTES } from "@zenode/core";
import { type Files, MemoryWorkspace } from "@zenode/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkoutSnapshot } from "../checkout.ts";
import { findChanges } from "./find-changes.ts";
import { removeTree } from "./remove-tree.ts";

const FILES: Files = {
  ".gitignore": "build\n*.log\n",
  "a.txt": "a",
  "build/kept.txt": "in the snapshot, though ignored",
  "run*": "#!/bin/sh",
  "src/b.ts": "b",
  "src/deep/c.ts": "c",
  link: { link: "a.txt" },
};

let workspace: MemoryWorkspace;
let root: string;
beforeEach(async () => {
  workspace = new MemoryWorkspace();
  await workspace.push("app", FILES);
  root = path.join(await realpath(await mkdtemp(path.join(tmpdir(), "zenode-changes-"))), "app");
  await checkoutSnapshot(await workspace.projects().open("app"), root);
});
afterEach(() => removeTree(path.dirname(root)));

const at = (name: string) => path.join(root, name);
const sh = (script: string) => execFileSync("sh", ["-c", script], { cwd: root, stdio: "pipe" });

/** What is different, by the project's own walk after a commit of it. */
async function found(): Promise<FolderChanges> {
  return findChanges(root, await workspace.projects().open("app"));
}

/** Commits what was found; then nothing is different any more. */
async function committed(): Promise<Record<string, string>> {
  const projects = workspace.projects();
  const changes = await findChanges(root, await projects.open("app"));
  const next = await projects.change(changes.base, changes.changes, "");
  const again = await findChanges(root, next);
  expect([...again.added, ...again.modified, ...again.deleted]).toEqual([]);
  const files: Record<string, string> = {};
  for await (const entry of next.walk()) {
    const name = entry.kind === "file" && entry.executable ? `${entry.path}*` : entry.path;
    files[name] =
      entry.kind === "link"
        ? `-> ${entry.target}`
        : new TextDecoder().decode(await next.read(entry.path, MAX_FILE_BYTES));
  }
  return files;
}

test("nothing was changed: nothing is different", async () => {
  expect(await found()).toMatchObject({
    changes: [],
    added: [],
    modified: [],
    deleted: [],
    leftOut: [],
  });
});

test("content, modes, links, new and removed files are found, times alone are not", async () => {
  sh(
    "touch a.txt; echo B > src/b.ts; chmod -x run; ln -sfn src link; rm -r src/deep; mkdir x; echo y > x/y; mkdir empty",
  );
  expect(await found()).toMatchObject({
    added: ["x/y"],
    modified: ["link", "run", "src/b.ts"],
    deleted: ["src/deep/c.ts"],
    leftOut: [],
  });
  const files = await committed();
  expect(files).toMatchObject({
    link: "-> src",
    run: "#!/bin/sh",
    "src/b.ts": "B\n",
    "x/y": "y\n",
  });
  expect(Object.keys(files)).not.toContain("src/deep/c.ts");
});

test("ignore files hide what is new, not what was in the snapshot", async () => {
  sh(
    "echo new > build/new.txt; echo changed > build/kept.txt; echo l > debug.log; mkdir -p src/build; echo n > src/build/n",
  );
  expect(await found()).toMatchObject({ added: [], modified: ["build/kept.txt"], deleted: [] });
  sh("rm -r build");
  expect(await found()).toMatchObject({ deleted: ["build/kept.txt"] });
  sh("echo '*' > .gitignore; echo hidden > hidden");
  expect(await found()).toMatchObject({
    added: [],
    modified: [".gitignore"],
    deleted: ["build/kept.txt"],
  });
});

test("a file becomes a directory, and a directory a file", async () => {
  sh("rm a.txt; mkdir a.txt; echo in > a.txt/in; rm -r src; echo file > src");
  const files = await committed();
  expect(files).toMatchObject({ "a.txt/in": "in\n", src: "file\n" });
  expect(Object.keys(files).filter((name) => name.startsWith("src/"))).toEqual([]);
});

test("everything is removed", async () => {
  sh("rm -r ./* .gitignore");
  expect(await committed()).toEqual({});
});

describe("what can't be a project's stays out, is told, and stays in the snapshot as it was", () => {
  test.each([
    ["a pipe", "rm a.txt; mkfifo a.txt", "a.txt", "it is a pipe, a socket or a device"],
    [
      "a link that leads out",
      "rm a.txt; ln -s ../../etc/passwd a.txt",
      "a.txt",
      "it is a link that leads out of the project",
    ],
    [
      "an absolute link",
      "rm -r src; ln -s /etc src",
      "src",
      "it is a link that leads out of the project",
    ],
    [
      "a link that climbs behind a name",
      "rm -r src; ln -s build/../../.. src",
      "src",
      "it is a link that leads out of the project",
    ],
    [
      "a name with a line end",
      'touch "$(printf "two\\nlines")"',
      "two\nlines",
      "its name can't be a project's",
    ],
    ["a name with a backslash", "touch 'a\\b'", "a\\b", "its name can't be a project's"],
    [
      "a name that is not UTF-8",
      'touch "$(printf "bad\\377")"',
      "bad\ufffd",
      "its name is not UTF-8",
    ],
  ])("%s", async (_, script, name, why) => {
    sh(script);
    const changes = await found();
    expect(changes).toMatchObject({ leftOut: [{ path: name, why }], changes: [], deleted: [] });
  });

  test("a socket, and a file too large", async () => {
    sh(`node -e 'require("net").createServer().listen("socket", () => process.exit())'`);
    await writeFile(at("large"), "");
    await truncate(at("large"), MAX_FILE_BYTES + 1);
    expect((await found()).leftOut).toEqual([
      { path: "large", why: "it has over 64 MiB" },
      ...((await found()).leftOut.length > 1
        ? [{ path: "socket", why: "it is a pipe, a socket or a device" }]
        : []),
    ]);
  });

  test.runIf(process.getuid?.() !== 0)("a directory that may not be read", async () => {
    await chmod(at("src"), 0);
    const changes = await found();
    expect(changes).toMatchObject({
      deleted: [],
      leftOut: [{ path: "src", why: "it can't be read" }],
    });
  });
});

test("git's own folder is none of the project's, in any spelling", async () => {
  sh(
    "mkdir -p .git/hooks .GIT src/.git; echo x > .git/hooks/post-checkout; echo x > .GIT/config; echo x > src/.git/config",
  );
  expect(await found()).toMatchObject({ changes: [], leftOut: [] });
});

test.each([
  ["a pipe", "rm .gitignore; mkfifo .gitignore"],
  ["a link to what never ends", "rm .gitignore; ln -s /dev/zero .gitignore"],
  ["a directory", "rm .gitignore; mkdir .gitignore"],
])("an ignore file that is %s is not read", async (_, script) => {
  sh(script);
  expect((await found()).added).toEqual([]);
});

test("an ignore file without end is refused", async () => {
  await truncate(at(".gitignore"), 2_000_000);
  await expect(found()).rejects.toMatchObject({ code: "too_large" });
});

test("a content that changes after it was looked at is not committed", async () => {
  await writeFile(at("a.txt"), "first");
  const changes = await found();
  await writeFile(at("a.txt"), "second");
  const change = workspace.projects().change(changes.base, changes.changes, "");
  await expect(change).rejects.toMatchObject({ code: "conflict" });
});

test("a file that became a link after it was looked at is not read through it", async () => {
  await writeFile(at("a.txt"), "first");
  const changes = await found();
  await rm(at("a.txt"));
  await symlink("/etc/hostname", at("a.txt"));
  const change = workspace.projects().change(changes.base, changes.changes, "");
  await expect(change).rejects.toMatchObject({ code: "not_found" });
});

test("what no path is short enough for is removed all the same", async () => {
  await mkdir(at("deep"));
  sh(
    'cd deep; name=$(printf "%0200d" 0); for i in $(seq 40); do mkdir $name; cd $name; done; cd /; chmod 0 "$OLDPWD/." || :',
  );
  expect((await found()).leftOut).toHaveLength(1);
  await removeTree(path.dirname(root));
  await expect(realpath(root)).rejects.toMatchObject({ code: "ENOENT" });
  await mkdir(path.dirname(root), { recursive: true });
});
