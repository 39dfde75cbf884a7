import { describe, expect, test } from "vitest";
import { gitApply, type Listing } from "../testing/git-apply.ts";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { diff } from "./tool.ts";

type Files = Parameters<ToolWorkspace["push"]>[1];

async function twoSnapshots(before: Files, after: Files) {
  const workspace = await ToolWorkspace.of({ app: before });
  await workspace.push("app", after);
  return workspace;
}

/** The patch alone, as it stands in the second part of the answer. */
async function patchOf(workspace: ToolWorkspace, input: object = {}): Promise<string> {
  const { content } = await workspace.run(diff, input);
  const part = content[1];
  return part?.type === "text" ? part.text : "";
}

const LINES = Array.from({ length: 12 }, (_, at) => `line ${at + 1}\n`);
const changeAt = (at: number, text: string) => LINES.with(at, text).join("");

describe("a diff is written as git writes it", () => {
  test("of changed, added and deleted text, with and without an end of the last line", async () => {
    const workspace = await twoSnapshots(
      { "a.txt": LINES.join(""), "gone.txt": "1\n2", "src/same.ts": "x" },
      { "a.txt": changeAt(5, "LINE 6\n"), "new file.txt": "no end", "src/same.ts": "x" },
    );
    expect(await patchOf(workspace)).toBe(
      [
        "diff --git a/a.txt b/a.txt",
        "--- a/a.txt",
        "+++ b/a.txt",
        "@@ -3,7 +3,7 @@",
        " line 3",
        " line 4",
        " line 5",
        "-line 6",
        "+LINE 6",
        " line 7",
        " line 8",
        " line 9",
        "diff --git a/gone.txt b/gone.txt",
        "deleted file mode 100644",
        "--- a/gone.txt",
        "+++ /dev/null",
        "@@ -1,2 +0,0 @@",
        "-1",
        "-2",
        "\\ No newline at end of file",
        "diff --git a/new file.txt b/new file.txt",
        "new file mode 100644",
        "--- /dev/null",
        "+++ b/new file.txt\t",
        "@@ -0,0 +1 @@",
        "+no end",
        "\\ No newline at end of file",
        "",
      ].join("\n"),
    );
  });

  test("of modes, renames, links and empty files", async () => {
    const workspace = await twoSnapshots(
      { run: "#!", "old/name.ts": "content\n", link: { link: "run" }, "kind.txt": "text\n" },
      {
        "run*": "#!",
        "new/name.ts*": "content\n",
        link: { link: "old" },
        "kind.txt": { link: "run" },
        empty: "",
      },
    );
    expect(await patchOf(workspace)).toBe(
      [
        "diff --git a/empty b/empty",
        "new file mode 100644",
        "diff --git a/kind.txt b/kind.txt",
        "deleted file mode 100644",
        "--- a/kind.txt",
        "+++ /dev/null",
        "@@ -1 +0,0 @@",
        "-text",
        "diff --git a/kind.txt b/kind.txt",
        "new file mode 120000",
        "--- /dev/null",
        "+++ b/kind.txt",
        "@@ -0,0 +1 @@",
        "+run",
        "\\ No newline at end of file",
        "diff --git a/link b/link",
        "--- a/link",
        "+++ b/link",
        "@@ -1 +1 @@",
        "-run",
        "\\ No newline at end of file",
        "+old",
        "\\ No newline at end of file",
        "diff --git a/old/name.ts b/new/name.ts",
        "old mode 100644",
        "new mode 100755",
        "similarity index 100%",
        "rename from old/name.ts",
        "rename to new/name.ts",
        "diff --git a/run b/run",
        "old mode 100644",
        "new mode 100755",
        "",
      ].join("\n"),
    );
  });

  test("of binary files only that they differ, and then it is not complete", async () => {
    const workspace = await twoSnapshots(
      { "a.png": Uint8Array.of(0, 1), latin: Uint8Array.of(0xe4, 10) },
      { "a.png": Uint8Array.of(0, 2), latin: "text\n" },
    );
    expect(await patchOf(workspace)).toBe(
      "diff --git a/a.png b/a.png\nBinary files a/a.png and b/a.png differ\n" +
        "diff --git a/latin b/latin\nBinary files a/latin and b/latin differ\n",
    );
    const { structured } = await workspace.run(diff, {});
    expect(structured).toMatchObject({ complete: false, files: [{ binary: true }, {}] });
  });

  test.each<[string, Listing, Listing]>([
    ["a file becomes a directory", { a: "1\n" }, { "a/b": "1\n", "a/c": "2\n" }],
    ["a directory becomes a file", { "a/b": "1\n", "a/c": "2\n" }, { a: "3\n" }],
    ["a link changes, a file becomes one", { l: "-> x", f: "x" }, { l: "-> y", f: "-> z" }],
    ["names with spaces, quotes and umlauts", { 'a "b" ü': "1\n", "x y": "1" }, { 'ö "z"': "2\n" }],
    ["a renamed name with a quotation mark", { 'a"': "same\n" }, { "b c": "same\n" }],
    ["carriage returns", { a: "1\r\n2\r\n" }, { a: "1\r\n2\n3\r" }],
    ["all is emptied", { a: "1\n", "b*": "2" }, {}],
    ["lines that look like a patch", { a: "-- b\n+++ c\n" }, { a: "--- b\n@@ -1 +1 @@\n" }],
  ])("git applies it: %s", async (_, before, after) => {
    const workspace = await twoSnapshots(toFiles(before), toFiles(after));
    expect(gitApply(before, await patchOf(workspace))).toEqual(after);
    expect(gitApply(after, await patchOf(workspace, { from: 2, to: 1 }))).toEqual(before);
  });
});

function toFiles(listing: Listing): Files {
  return Object.fromEntries(
    Object.entries(listing).map(([name, text]) => [
      name,
      text.startsWith("-> ") ? { link: text.slice(3) } : text,
    ]),
  );
}

describe("what is compared", () => {
  test("is the newest snapshot with the one before it, or any two, or one with nothing", async () => {
    const workspace = await twoSnapshots({ a: "1\n" }, { a: "1\n2\n" });
    await workspace.push("app", { a: "1\n2\n", b: "3\n" });
    const files = async (input: object) => {
      const { from, to, files: changed } = toStructured(await workspace.run(diff, input));
      return { from, to, changed };
    };
    const added = { change: "added", removed: 0 };
    expect(await files({})).toEqual({
      from: 2,
      to: 3,
      changed: [{ path: "b", ...added, added: 1 }],
    });
    expect(await files({ to: 1 })).toEqual({
      ...{ from: 0, to: 1 },
      changed: [{ path: "a", ...added, added: 1 }],
    });
    expect(await files({ from: 1, path: "a" })).toEqual({
      ...{ from: 1, to: 3 },
      changed: [{ path: "a", change: "modified", added: 1, removed: 0 }],
    });
    expect((await files({ from: 0 })).changed).toHaveLength(2);
    expect(await files({ from: 3, to: 3 })).toEqual({ from: 3, to: 3, changed: [] });
  });

  test.each([
    [{ to: 9 }, "There is no snapshot 9 of app yet; the newest is 2."],
    [{ project: "web" }, "There is no project web. There are: app."],
    [{ path: "../x" }, /can't be used/],
    [{ path: "none" }, "There is no none in snapshot 2, nor in 1."],
  ])("%j is refused", async (input, message) => {
    const workspace = await twoSnapshots({ a: "1" }, { a: "2" });
    const result = await workspace.run(diff, input);
    expect(result.isError).toBe(true);
    expect(toText(result)).toMatch(message);
  });

  test("only numbers of lines, when no text is wanted", async () => {
    const workspace = await twoSnapshots({ a: "1\n2\n", b: "1" }, { a: "1\n3\n4\n", b: "1" });
    const result = await workspace.run(diff, { stat_only: true });
    expect(toText(result)).toBe(
      "app: snapshot 1 to 2: 1 files changed, 2 lines added, 1 removed\n  modified a +2 -1",
    );
    expect(result.structured).toMatchObject({ added: 2, removed: 1, complete: false });
  });
});

describe("a long diff", () => {
  test("is cut at whole hunks, names what is missing, and can still be applied", async () => {
    const long = Array.from({ length: 100 }, (_, at) => `line ${at + 1}\n`);
    const [first, last] = [long.with(9, "X\n"), long.with(9, "X\n").with(79, "Y\n")];
    const before = { a: long.join(""), b: long.join(""), c: "1\n" };
    const after = { a: last.join(""), b: "other\n", c: "2\n" };
    const workspace = await twoSnapshots(before, after);
    const result = await workspace.run(diff, { max_lines: 20 });
    expect(toText(result)).toContain(
      "Not in the text below, or not all of it (pass a path, or more max_lines):\n  modified a +2 -2\n  modified b +1 -100\n",
    );
    expect(result.structured).toMatchObject({ complete: false, added: 4, removed: 103 });
    const patch = await patchOf(workspace, { max_lines: 20 });
    expect(gitApply(before, patch)).toEqual({ a: first.join(""), b: before.b, c: "2\n" });
  });

  test("of texts with nothing in common is one hunk, found soon, and git applies it", async () => {
    const many = (word: string) =>
      Array.from({ length: 30_000 }, (_, at) => `${word} ${(at * 7919) % 30_011}\n`).join("");
    const [before, after] = [`same\n${many("a")}end`, `same\n${many("b")}end`];
    const workspace = await twoSnapshots({ f: before }, { f: after });
    const { structured } = await workspace.run(diff, { stat_only: true });
    expect(structured).toMatchObject({ added: 30_000, removed: 30_000 });
    const { lineHunks } = await import("./line-hunks.ts");
    const { hunkLines } = await import("./git-patch.ts");
    const lines = lineHunks(before, after, 3).flatMap(hunkLines);
    const patch = `--- a/f\n+++ b/f\n${lines.map((line) => `${line}\n`).join("")}`;
    expect(gitApply({ f: before }, patch)).toEqual({ f: after });
  });

  test("of a file too large to compare names it", async () => {
    const large = "x".repeat(3_000_000);
    const workspace = await twoSnapshots({ large, a: "1\n" }, { large: `${large}y`, a: "2\n" });
    const result = await workspace.run(diff, {});
    expect(toText(result)).toContain("  modified large (not compared)\n");
    expect(result.structured).toMatchObject({ complete: false, files_changed: 2 });
  });
});
