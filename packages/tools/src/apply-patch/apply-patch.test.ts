import { beforeEach, describe, expect, test } from "vitest";
import { filesOf, ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { writeFile } from "../write-file/tool.ts";
import { applyPatch } from "./tool.ts";

const NUMBERS = Array.from({ length: 30 }, (_, at) => `${at + 1}\n`).join("");
const FILES = {
  "a.txt": "one\ntwo\nthree\nfour\nfive\n",
  "numbers.txt": NUMBERS,
  "crlf.txt": "one\r\ntwo\r\nthree\r\n",
  "cut.txt": "one\ntwo",
  empty: "",
  "image.png": Uint8Array.of(0x89, 0, 1),
  "run*": "#!/bin/sh\n",
  "twice.txt": "x\ny\nz\n-\nx\ny\nz\n",
  "src/b.ts": "b\n",
  link: { link: "a.txt" },
};

let workspace: ToolWorkspace;
beforeEach(async () => {
  workspace = await ToolWorkspace.of({ app: FILES });
});

const files = () => filesOf(workspace, "app");
const apply = (patch: string, more: object = {}) => workspace.run(applyPatch, { patch, ...more });

const lines = (...all: string[]) => all.map((line) => `${line}\n`).join("");
const A = lines(
  "--- a/a.txt",
  "+++ b/a.txt",
  "@@ -1,4 +1,4 @@",
  " one",
  "-two",
  "+TWO",
  " three",
  " four",
);

describe("a patch", () => {
  test("changes, makes, deletes, renames and copies files in one snapshot", async () => {
    const result = await apply(
      lines(
        "From 0123 Mon Sep 17 00:00:00 2001",
        "Subject: [PATCH] all of it",
        "---",
        " a.txt | 2 +-",
        "",
        "diff --git a/a.txt b/a.txt",
        "index 1111111..2222222 100644",
        "--- a/a.txt",
        "+++ b/a.txt",
        "@@ -1,3 +1,4 @@ head",
        " one",
        "-two",
        "+2",
        "+2.5",
        " three",
        "diff --git a/new/file.ts b/new/file.ts",
        "new file mode 100755",
        "index 0000000..3333333",
        "--- /dev/null",
        "+++ b/new/file.ts",
        "@@ -0,0 +1,2 @@",
        "+export {};",
        "+",
        "diff --git a/src/b.ts b/src/b.ts",
        "deleted file mode 100644",
        "index 3333333..0000000",
        "--- a/src/b.ts",
        "+++ /dev/null",
        "@@ -1 +0,0 @@",
        "-b",
        "diff --git a/cut.txt b/lib/cut.md",
        "similarity index 80%",
        "rename from cut.txt",
        "rename to lib/cut.md",
        "index 3333333..4444444 100644",
        "--- a/cut.txt",
        "+++ b/lib/cut.md",
        "@@ -1,2 +1,2 @@",
        " one",
        "-two",
        "\\ No newline at end of file",
        "+two",
        "diff --git a/run b/bin/run",
        "similarity index 100%",
        "rename from run",
        "rename to bin/run",
        "diff --git a/crlf.txt b/copy.txt",
        "similarity index 100%",
        "copy from crlf.txt",
        "copy to copy.txt",
        "diff --git a/empty b/empty",
        "old mode 100644",
        "new mode 100755",
        "-- ",
        "2.39.5",
      ),
    );
    expect(toText(result)).toBe(
      [
        "Changed 7 files in snapshot 2 of app.",
        "M a.txt (+2 -1)",
        "A new/file.ts (+2 -0)",
        "D src/b.ts (+0 -1)",
        "R cut.txt -> lib/cut.md (+1 -1)",
        "R run -> bin/run (+0 -0)",
        "C crlf.txt -> copy.txt (+0 -0)",
        "M empty (+0 -0)",
      ].join("\n"),
    );
    expect(await files()).toEqual({
      "a.txt": "one\n2\n2.5\nthree\nfour\nfive\n",
      "bin/run*": "#!/bin/sh\n",
      "copy.txt": "one\r\ntwo\r\nthree\r\n",
      "crlf.txt": "one\r\ntwo\r\nthree\r\n",
      "empty*": "",
      "image.png": expect.any(String),
      "lib/cut.md": "one\ntwo\n",
      link: "-> a.txt",
      "new/file.ts*": "export {};\n\n",
      "numbers.txt": NUMBERS,
      "twice.txt": "x\ny\nz\n-\nx\ny\nz\n",
    });
    expect(workspace.commits).toEqual(["app 1", "app 2"]);
  });

  test("only tells when it is asked only to tell", async () => {
    const result = await apply(A, { dry_run: true });
    expect(toText(result)).toBe("Would change one file; nothing was written.\nM a.txt (+1 -1)");
    expect(toStructured(result)).toEqual({
      project: "app",
      snapshot: 1,
      files: [{ path: "a.txt", change: "modified", added: 1, removed: 1, moved: [] }],
      dry_run: true,
    });
    expect(workspace.commits).toEqual(["app 1"]);
  });

  test("is applied where its lines stand, and says how far off that was", async () => {
    const result = await apply(
      lines(
        "--- a/numbers.txt",
        "+++ b/numbers.txt",
        "@@ -2,3 +2,3 @@",
        " 2",
        "-3",
        "+three",
        " 4",
        "@@ -15,3 +15,2 @@",
        " 10",
        "-11",
        " 12",
        "@@ -21,2 +20,3 @@",
        " 25",
        "+25.5",
        " 26",
      ),
    );
    expect(toStructured(result).files).toMatchObject([
      {
        moved: [
          { hunk: 2, line: 10, offset: -5 },
          { hunk: 3, line: 25, offset: 4 },
        ],
      },
    ]);
    expect(toText(result)).toContain(
      "\n  hunk 2 was at line 10, 5 lines above where the patch says\n",
    );
    expect((await files())["numbers.txt"]).toBe(
      NUMBERS.replace("\n3\n", "\nthree\n").replace("\n11\n", "\n").replace("25\n", "25\n25.5\n"),
    );
  });

  test("keeps line ends, and takes away or adds the last one", async () => {
    await apply(
      lines("--- a/crlf.txt", "+++ b/crlf.txt", "@@ -2,2 +2,2 @@", " two\r", "-three\r", "+3\r"),
    );
    expect((await files())["crlf.txt"]).toBe("one\r\ntwo\r\n3\r\n");
    const none = "\\ No newline at end of file";
    await apply(
      lines("--- a/cut.txt", "+++ b/cut.txt", "@@ -2 +2 @@", "-two", none, "+zwei", none),
    );
    expect((await files())["cut.txt"]).toBe("one\nzwei");
    await apply(lines("--- a/a.txt", "+++ b/a.txt", "@@ -5 +5 @@", "-five", "+five", none));
    expect((await files())["a.txt"]).toBe("one\ntwo\nthree\nfour\nfive");
  });

  test("may come with CRLF headers, without its last newline, and with empty lines that lost their space", async () => {
    const patch = "--- a/a.txt\r\n+++ b/a.txt\r\n@@ -1,1 +1,3 @@\r\n one\n\n+end";
    await apply(patch.replace("\n\n", "\n+\n"));
    expect((await files())["a.txt"]).toMatch(/^one\n\nend\ntwo\n/);
    await apply("--- a/a.txt\n+++ b/a.txt\n@@ -1,4 +1,3 @@\n one\n\n-end\n two");
    expect((await files())["a.txt"]).toMatch(/^one\n\ntwo\n/);
  });

  test.each([
    ["--- a.txt", "+++ a.txt"],
    ["--- a/a.txt\t2026-01-01 00:00:00", "+++ b/a.txt\t2026-01-02 00:00:00"],
    ['--- "a/a.txt"', '+++ "b/\\141.txt"'],
    ["diff --git a.txt a.txt\n--- a.txt", "+++ a.txt"],
    ['diff --git "a/a.txt" b/a.txt\n--- a/a.txt', '+++ "b/a.txt"'],
  ])("names a file like this: %s", async (old, next) => {
    await apply(lines(old, next, "@@ -1 +1 @@", "-one", "+1"));
    expect((await files())["a.txt"]).toMatch(/^1\n/);
  });

  test("makes, changes, moves and deletes links, and never what they lead to", async () => {
    const none = "\\ No newline at end of file";
    const link = (...rest: string[]) => lines("diff --git a/l b/l", ...rest);
    await apply(
      link("new file mode 120000", "--- /dev/null", "+++ b/l", "@@ -0,0 +1 @@", "+src/b.ts", none),
    );
    expect((await files()).l).toBe("-> src/b.ts");
    const change = ["@@ -1 +1 @@", "-src/b.ts", none, "+src", none];
    await apply(link("index 1..2 120000", "--- a/l", "+++ b/l", ...change));
    expect((await files()).l).toBe("-> src");
    await apply(lines("diff --git a/l b/m", "rename from l", "rename to m"));
    expect(await files()).toMatchObject({ m: "-> src" });
    await apply(
      lines(
        "diff --git a/m b/m",
        "deleted file mode 120000",
        "--- a/m",
        "+++ /dev/null",
        "@@ -1 +0,0 @@",
        "-src",
        none,
      ),
    );
    expect(Object.keys(await files())).not.toContain("m");
    expect((await files())["src/b.ts"]).toBe("b\n");
  });

  test("puts a directory where it takes a file away", async () => {
    await apply(
      lines(
        "--- a/cut.txt",
        "+++ /dev/null",
        "@@ -1,2 +0,0 @@",
        "-one",
        "-two",
        "\\ No newline at end of file",
        "--- /dev/null",
        "+++ b/cut.txt/inner",
        "@@ -0,0 +1 @@",
        "+x",
      ),
    );
    expect((await files())["cut.txt/inner"]).toBe("x\n");
  });

  test("fills an empty file", async () => {
    await apply(lines("--- a/empty", "+++ b/empty", "@@ -0,0 +1 @@", "+x"));
    expect((await files()).empty).toBe("x\n");
  });
});

describe("a patch that does not fit says why, and changes nothing", () => {
  const hunk = (file: string, ...rest: string[]) =>
    lines(`--- a/${file}`, `+++ b/${file}`, ...rest);

  test.each([
    [
      "another line stands there",
      hunk("a.txt", "@@ -2,3 +2,3 @@", " two", " three", "-vier", "+4"),
      'a.txt: Hunk 1 (line 3 of the patch): its 3 old lines are not in the file. At line 4 (its first 2 lines stand there, from line 2 on) "vier" is expected, but "four" stands there.',
    ],
    [
      "nothing is alike",
      hunk("a.txt", "@@ -2,1 +2,0 @@", "-zwei"),
      'At line 2 "zwei" is expected, but "two" stands there.',
    ],
    [
      "most of it stands elsewhere",
      hunk("numbers.txt", "@@ -2,3 +2,3 @@", " 20", " 21", "-22.", "+x"),
      'At line 22 (its first 2 lines stand there, from line 20 on) "22." is expected, but "22" stands there.',
    ],
    [
      "the file is shorter",
      hunk("a.txt", "@@ -90,1 +90,0 @@", "-six"),
      'At line 6 "six" is expected, but the file has 5 lines.',
    ],
    [
      "it could be several places",
      hunk("twice.txt", "@@ -3,2 +3,1 @@", " x", "-y"),
      "its old lines are not at line 3, but at several other places (lines 1, 5). Give more lines of context, or the right line number.",
    ],
    [
      "the file has CRLF",
      hunk("crlf.txt", "@@ -1,1 +1,0 @@", "-one"),
      "The file's lines end in CRLF (\\r\\n), the patch's do not.",
    ],
    [
      "the patch has CRLF",
      hunk("a.txt", "@@ -1,1 +1,0 @@", "-one\r"),
      "The patch's lines end in CRLF (\\r\\n), the file's do not.",
    ],
    [
      "indentation differs",
      hunk("a.txt", "@@ -1,1 +1,0 @@", "-\tone"),
      '"\\tone" is expected, but "one" stands there. They differ in white space',
    ],
    [
      "the last newline is missing",
      hunk("cut.txt", "@@ -2,1 +2,0 @@", "-two"),
      "The file's last line has no newline",
    ],
    [
      "the last newline is there",
      hunk("a.txt", "@@ -5,1 +5,0 @@", "-five", "\\ No newline at end of file"),
      "The line has a newline in the file",
    ],
    [
      "a line in the middle would lose its end",
      hunk("a.txt", "@@ -1,1 +1,1 @@", "-one", "+1", "\\ No newline at end of file"),
      'has "No newline at end of file" where the file goes on.',
    ],
    [
      "it was applied already",
      hunk("a.txt", "@@ -1,2 +1,2 @@", " one", "-zwei", "+two"),
      "Its new lines stand there: it may have been applied already.",
    ],
    [
      "it has no context",
      hunk("a.txt", "@@ -1,0 +2,1 @@", "+x"),
      "has no old lines, so its place can't be checked, and the file is not empty (5 lines).",
    ],
    [
      "counts are wrong",
      hunk("a.txt", "@@ -1,3 +1,3 @@", " one", "-two", "+2"),
      "Line 3 of the patch: hunk 1 of a.txt says that it has 3 old and 3 new lines, but 2 and 2 follow.",
    ],
    [
      "counts are too small",
      hunk("a.txt", "@@ -1,1 +1,1 @@", " one", "-two", "+2"),
      "says that it has 1 old and 1 new lines, but 2 and 2 follow.",
    ],
    [
      "the file is not there",
      hunk("none.txt", "@@ -1,1 +1,0 @@", "-one"),
      "There is no none.txt in project app",
    ],
  ])("%s", async (_, patch, message) => {
    const result = await apply(patch);
    expect(result.isError).toBe(true);
    expect(toText(result)).toContain(message);
    expect(workspace.commits).toEqual(["app 1"]);
  });

  test("all faults of several files come in one answer, up to five", async () => {
    const patch = Array.from({ length: 8 }, (_, at) =>
      hunk(`none${at}`, "@@ -1,1 +1,0 @@", "-one"),
    ).join("");
    const said = toText(await apply(A + patch)).split("\n");
    expect(said).toHaveLength(6);
    expect(said[4]).toMatch(/^There is no none4 /);
    expect(said[5]).toBe("Nothing was written.");
  });

  test("when somebody else changed one of the files meanwhile", async () => {
    const run = await applyPatch.load();
    const context = workspace.context();
    const { open } = context.projects;
    // Between the reading and the writing.
    context.projects.open = async (name) => {
      const base = await open.call(context.projects, name);
      await workspace.run(writeFile, { path: "a.txt", content: "theirs" });
      return base;
    };
    const result = await run({ patch: A, dry_run: false }, context);
    expect(toText(result)).toContain("a.txt was changed by ada in snapshot 2");
    expect((await files())["a.txt"]).toBe("theirs");
  });
});
