import { expect, test } from "vitest";
import { filesOf, ToolWorkspace, toText } from "../testing/tool-workspace.ts";
import { applyPatch } from "./tool.ts";

const FILES = {
  "a.txt": "one\ntwo\nthree\nfour\n",
  b: "b\n",
  "bin.png": Uint8Array.of(0x89, 0, 1),
  empty: "",
  "dir/x": "x\n",
  up: { link: "dir" },
};

const made = (path: string) => `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
const deleted = (path: string, ...old: string[]) =>
  `--- a/${path}\n+++ /dev/null\n@@ -1,${old.length} +0,0 @@\n${old.map((line) => `-${line}\n`).join("")}`;
const changed = (path: string, header = "@@ -1 +1 @@", body = "-one\n+1\n") =>
  `--- a/${path}\n+++ b/${path}\n${header}\n${body}`;
const moved = (from: string, to: string, verb = "rename") =>
  `diff --git a/${from} b/${to}\n${verb} from ${from}\n${verb} to ${to}\n`;
const NONE = "\\ No newline at end of file\n";
const linked = (path: string, target: string) =>
  `diff --git a/${path} b/${path}\nnew file mode 120000\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${target}\n${NONE}`;

const rows: readonly (readonly [what: string, patch: string, message: RegExp])[] = [
  // Paths.
  ["climbs out", made("../x"), /"\.\.\/x" can't be used/],
  ["climbs out in the middle", made("dir/../../x"), /can't be used/],
  ["a dot", made("./x"), /"\." is not allowed/],
  ["absolute", made("/etc/x"), /must be relative/],
  [
    "absolute without prefixes",
    "--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n",
    /relative/,
  ],
  ["/dev/null itself", "--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+x\n", /contradict/],
  ["/dev/null as a file", "--- a//dev/null\n+++ b//dev/null\n@@ -1 +1 @@\n-a\n+b\n", /relative/],
  ["git's folder", made(".git/hooks/pre-commit"), /git's own folder/],
  ["git's folder, below", made("sub/.git/config"), /git's own folder/],
  ["git's folder, in capitals", made(".GIT/config"), /git's own folder/],
  ["git's folder, with a dot behind", made(".git./config"), /git's own folder/],
  ["git's folder, as a stream", made(".git::$INDEX_ALLOCATION/config"), /git's own folder/],
  ["git's folder, its short name", made("GIT~1/config"), /git's own folder/],
  [
    "git's folder, with a character that macOS ignores",
    made(".g\u200cit/config"),
    /git's own folder/,
  ],
  ["git's folder, quoted", made("x").replace("b/x", '"b/.\\147it/config"'), /git's own folder/],
  ["git's folder, renamed to", moved("b", ".git/config"), /git's own folder/],
  ["git's folder, copied to", moved("b", ".git/config", "copy"), /git's own folder/],
  ["NUL", made("a\u0000b"), /control character/],
  ["NUL, quoted", made("x").replace("b/x", '"b/a\\000b"'), /control character/],
  ["a newline, quoted", made("x").replace("b/x", '"b/a\\nb"'), /control character/],
  ["a backslash, quoted", made("x").replace("b/x", '"b/a\\\\b"'), /backslash/],
  ["a backslash", made("..\\x"), /backslash/],
  ["no UTF-8, quoted", made("x").replace("b/x", '"b/\\377"'), /name no file/],
  ["an open quote", made("x").replace("b/x", '"b/x'), /name no file/],
  ["text behind a quote", made("x").replace("b/x", '"b/x"y'), /name no file/],
  ["no name", made(""), /a name in it is empty/],
  ["a name of 300 bytes", made("x".repeat(300)), /over 255 bytes/],
  ["a path of 5,000 bytes", made(`${"x/".repeat(2_500)}x`), /over 4096 bytes/],
  ["a header of 100,000 characters", made("x".repeat(100_000)), /no header is so long/],
  ["a lone surrogate", made("\ud800"), /no Unicode text/],
  ["__proto__ twice", made("__proto__") + made("__proto__"), /changes __proto__ in two places/],
  // Kinds.
  ["a directory", changed("dir"), /dir is a directory/],
  ["the root", "--- a/\n+++ b/\n@@ -1 +1 @@\n-a\n+b\n", /name no file/],
  [
    "a link",
    changed("up", "@@ -1 +1 @@", `-dir\n${NONE}+/etc\n${NONE}`),
    /up is a symbolic link to dir/,
  ],
  ["below a link", made("up/new"), /up is a symbolic link; nothing can lie below it/],
  ["a file below a link", changed("up/x", "@@ -1 +1 @@", "-x\n+y\n"), /There is no up\/x/],
  ["below a file", made("b/c"), /b is a file; nothing can lie below it/],
  ["over a directory", made("dir"), /there is a directory already/],
  ["a link out", linked("l", "../x"), /can't be used\. It has to stay inside/],
  ["an absolute link", linked("l", "/etc/passwd"), /has to stay inside/],
  ["a link with climbs behind a name", linked("l", "dir/../../x"), /has to stay inside/],
  ["a link with a newline", linked("l", "dir").replace(NONE, ""), /has no newline at its end/],
  [
    "a file that becomes a link",
    "diff --git a/b b/b\nold mode 100644\nnew mode 120000\n",
    /can't become a link/,
  ],
  [
    "a link that becomes a file",
    "diff --git a/up b/up\nold mode 120000\nnew mode 100755\n",
    /can't become a file/,
  ],
  [
    "a file, said to be a link",
    `diff --git a/b b/b\nindex 1..2 120000\n${changed("b", "@@ -1 +1 @@", "-b\n+c\n")}`,
    /b is a file, not a symbolic link/,
  ],
  [
    "a submodule",
    "diff --git a/m b/m\nnew file mode 160000\n--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+Subproject commit 1\n",
    /submodules/,
  ],
  ["set-uid", "diff --git a/b b/b\nold mode 100644\nnew mode 104755\n", /"104755" is no mode/],
  ["half a mode", "diff --git a/b b/b\nold mode 100644\n", /stand together/],
  [
    "binary",
    "diff --git a/bin.png b/bin.png\nindex 1..2 100644\nGIT binary patch\nliteral 1\nIcmZ\n",
    /binary changes can't be applied/,
  ],
  [
    "binary files differ",
    "diff --git a/bin.png b/bin.png\nindex 1..2 100644\nBinary files a/bin.png and b/bin.png differ\n",
    /binary changes/,
  ],
  ["a binary file", changed("bin.png"), /bin\.png: this is a binary file/],
  // The same place twice, and what is there.
  [
    "one file twice",
    changed("a.txt") + changed("a.txt", "@@ -4 +4 @@", "-four\n+4\n"),
    /changes a\.txt in two places/,
  ],
  ["made twice", made("n") + made("n"), /changes n in two places/],
  [
    "renamed, and made again",
    `${moved("b", "c")}diff --git a/b b/b\n${made("b")}`,
    /changes b in two places/,
  ],
  ["two renames onto one", moved("a.txt", "n") + moved("b", "n"), /changes n in two places/],
  ["one renamed twice", moved("b", "c") + moved("b", "d"), /changes b in two places/],
  [
    "renamed onto a file",
    moved("b", "a.txt"),
    /a\.txt: the patch makes this file, but there is a file already/,
  ],
  ["renamed onto a link", moved("b", "up"), /there is a link already/],
  ["a directory renamed", moved("dir", "d2"), /dir is a directory/],
  ["a made file that is there", made("b"), /there is a file already/],
  [
    "deleted with other content",
    deleted("a.txt", "one", "zwei"),
    /At line 2 .*"zwei" is expected, but "two"/,
  ],
  [
    "deleted, not all of it",
    deleted("a.txt", "one", "two"),
    /deletes it, but 11 characters .* would be left/,
  ],
  [
    "deleted without showing it",
    "diff --git a/b b/b\ndeleted file mode 100644\n",
    /right for an empty file only/,
  ],
  ["deleted, and it is not there", deleted("none", "x"), /There is no none/],
  [
    "a rename that says two names",
    `${moved("b", "c")}--- a/a.txt\n+++ b/c\n@@ -1 +1 @@\n-one\n+1\n`,
    /not one and the same/,
  ],
  ["git's header names another", `diff --git a/b b/b\n${changed("a.txt")}`, /not one and the same/],
  [
    "two names without a rename",
    "--- a/a.txt\n+++ b/b\n@@ -1 +1 @@\n-one\n+1\n",
    /not one and the same/,
  ],
  ["half a rename", "diff --git a/b b/c\nrename from b\n", /contradict/],
  [
    "made and deleted",
    "diff --git a/b b/b\nnew file mode 100644\ndeleted file mode 100644\n",
    /contradict/,
  ],
  [
    "a header twice",
    "diff --git a/b b/c\nrename from b\nrename from b\nrename to c\n",
    /stands here twice/,
  ],
  // Hunks.
  ["no hunk", "--- a/a.txt\n+++ b/a.txt\n", /no hunk follows for a\.txt/],
  ["a hunk without numbers", changed("a.txt", "@@ ... @@"), /header is like/],
  ["a negative line", changed("a.txt", "@@ --1 +1 @@"), /header is like/],
  ["a negative count", changed("a.txt", "@@ -1,-1 +1 @@"), /header is like/],
  ["line 0", changed("a.txt", "@@ -0,1 +0,1 @@"), /lines count from 1/],
  [
    "a huge line",
    changed("a.txt", "@@ -999999999 +999999999 @@", "-none\n+x\n"),
    /the file has 4 lines/,
  ],
  ["a line over all bounds", changed("a.txt", `@@ -${"9".repeat(30)} +1 @@`), /header is like/],
  ["a huge count", changed("a.txt", "@@ -1,999999999 +1,999999999 @@"), /but 1 and 1 follow/],
  [
    "a count over all bounds",
    changed("a.txt", "@@ -1,18446744073709551617 +1 @@"),
    /header is like/,
  ],
  [
    "hunks out of order",
    changed("a.txt", "@@ -4 +4 @@", "-four\n+4\n@@ -1 +1 @@\n-one\n+1\n"),
    /Hunks ascend/,
  ],
  [
    "overlapping hunks",
    changed("a.txt", "@@ -1,2 +1,2 @@", " one\n-two\n+2\n@@ -2 +2 @@\n-two\n+zwei\n"),
    /do not overlap/,
  ],
  [
    "hunks that fit only in the other order",
    changed("a.txt", "@@ -1 +1 @@", "-four\n+4\n@@ -4 +4 @@\n-one\n+1\n"),
    /Hunk 2 .* "one" is expected/,
  ],
  ["a merge", "diff --cc a.txt\n--- a/a.txt\n+++ b/a.txt\n@@@ -1 -1 +1 @@@\n", /header is like/],
  [
    "a line without its sign",
    changed("a.txt", "@@ -1,2 +1,2 @@", " one\ntwo\n"),
    /but 1 and 1 follow/,
  ],
  ["stray text behind a hunk", `${changed("a.txt")}done\n`, /belongs to no hunk/],
  [
    "a line behind the end",
    changed("a.txt", "@@ -1,2 +1,1 @@", `-one\n${NONE}-two\n+1\n`),
    /a line follows one with/,
  ],
  ["a hunk without a file", "@@ -1 +1 @@\n-one\n+1\n", /this hunk has no file/],
  ["no patch", "please change one to two", /names no file/],
  ["blank", " \n\n", /names no file/],
  [
    "another format",
    "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n*** End Patch\n",
    /names no file/,
  ],
  // Bombs.
  [
    "1,001 files",
    Array.from({ length: 1_001 }, (_, at) => made(`n/${at}`)).join(""),
    /over 1000 files/,
  ],
  [
    "20,001 hunks",
    changed(
      "a.txt",
      "",
      Array.from({ length: 20_001 }, (_, at) => `@@ -${at + 1} +${at + 1} @@\n-x\n+y\n`)
        .join("")
        .trimStart(),
    ).replace("\n\n", "\n"),
    /over 20000 hunks/,
  ],
  ["a million blank lines", `${"\n".repeat(1_000_000)}@@ -1 +1 @@\n`, /has no file/],
];

test("the table has the rows it should, each by its own name", () => {
  expect(rows.length).toBeGreaterThan(80);
  expect(new Set(rows.map(([what]) => what)).size).toBe(rows.length);
});

test.each(rows)("%s: refused, and nothing is written", async (_, patch, message) => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const before = await filesOf(workspace, "app");
  // Also behind a change that would be all right.
  const fine = made("fine");
  for (const all of [patch, fine + patch]) {
    for (const dry_run of [true, false]) {
      const result = await workspace.run(applyPatch, { patch: all, dry_run });
      expect(result.isError).toBe(true);
      if (all === patch) expect(toText(result)).toMatch(message);
    }
  }
  expect(await filesOf(workspace, "app")).toEqual(before);
  expect(workspace.commits).toEqual(["app 1"]);
});

test.each([
  ["names that differ in case only", made("README") + made("readme"), ["README", "readme"]],
  [
    "a name that is a property of every object",
    made("__proto__") + made("constructor"),
    ["__proto__", "constructor"],
  ],
  ["what looks like a prefix", made("b/b/a/x"), ["b/b/a/x"]],
])("%s: applied as they stand", async (_, patch, paths) => {
  const workspace = await ToolWorkspace.of({ app: { k: "" } });
  await workspace.run(applyPatch, { patch });
  expect(Object.keys(await filesOf(workspace, "app")).sort()).toEqual(["k", ...paths].sort());
});

test("what an odd patch holds back: the sound part of it alone goes through", async () => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  await workspace.run(applyPatch, { patch: made("fine") });
  expect(workspace.commits).toEqual(["app 1", "app 2"]);
});
