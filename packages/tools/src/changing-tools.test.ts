import { beforeEach, describe, expect, test } from "vitest";
import { deletePath } from "./delete/tool.ts";
import { editFile } from "./edit-file/tool.ts";
import { move } from "./move/tool.ts";
import { filesOf, ToolWorkspace, toStructured, toText } from "./testing/tool-workspace.ts";
import { writeFile } from "./write-file/tool.ts";

const FILES = {
  "a.txt": "one\ntwo\nthree\ntwo\n",
  crlf: "one\r\ntwo\r\n",
  indented: "if (a) {\n\t\tb();\n}\n",
  "image.png": Uint8Array.of(0x89, 0, 1),
  "run*": "#!/bin/sh\n",
  "src/b.ts": "b\n",
  "src/deep/c.ts": "c\n",
  link: { link: "a.txt" },
};

let workspace: ToolWorkspace;
beforeEach(async () => {
  workspace = await ToolWorkspace.of({ app: FILES });
});

const files = () => filesOf(workspace, "app");

describe("write_file", () => {
  test("creates a file with its directories, and replaces one", async () => {
    const created = await workspace.run(writeFile, { path: "./new/x.ts", content: "ü\n" });
    expect(toStructured(created)).toEqual({
      ...{ project: "app", snapshot: 2, path: "new/x.ts" },
      ...{ bytes: 3, created: true },
    });
    expect(toText(created)).toBe("Created new/x.ts (3 bytes) in snapshot 2 of app.");
    const replaced = await workspace.run(writeFile, { path: "new/x.ts", content: "" });
    expect(toStructured(replaced)).toMatchObject({ snapshot: 3, created: false, bytes: 0 });
    expect((await files())["new/x.ts"]).toBe("");
  });

  test("keeps whether it can be run, unless told", async () => {
    await workspace.run(writeFile, { path: "run", content: "1" });
    expect(await files()).toHaveProperty("run*", "1");
    await workspace.run(writeFile, { path: "run", content: "1", executable: false });
    expect(await files()).toHaveProperty("run", "1");
  });

  test("the same again makes no snapshot", async () => {
    await workspace.run(writeFile, { path: "x", content: "1" });
    const again = await workspace.run(writeFile, { path: "x", content: "1" });
    expect(toStructured(again)).toMatchObject({ snapshot: 2, created: false });
  });
});

describe("edit_file", () => {
  const edit = (path: string, ...edits: object[]) => workspace.run(editFile, { path, edits });

  test("replaces exact text, edit after edit", async () => {
    const result = await edit(
      "a.txt",
      { old_text: "one\ntwo", new_text: "1\n2\n2.5" },
      { old_text: "2.5\nthree\n", new_text: "" },
    );
    expect((await files())["a.txt"]).toBe("1\n2\ntwo\n");
    expect(toStructured(result)).toMatchObject({
      snapshot: 2,
      replaced: [
        { edit: 1, line: 1 },
        { edit: 2, line: 3 },
      ],
    });
  });

  test("replaces text wherever it stands when it is told to, and `$&` is no pattern", async () => {
    const result = await edit("a.txt", { old_text: "two", new_text: "$&", replace_all: true });
    expect((await files())["a.txt"]).toBe("one\n$&\nthree\n$&\n");
    expect(toText(result)).toBe("Changed 2 places of a.txt in snapshot 2 of app.");
  });

  test("keeps whether a file can be run", async () => {
    await edit("run", { old_text: "sh", new_text: "bash" });
    expect(await files()).toHaveProperty("run*", "#!/bin/bash\n");
  });

  test("only tells when it is asked only to tell", async () => {
    const edits = [{ old_text: "one", new_text: "1" }];
    const result = await workspace.run(editFile, { path: "a.txt", edits, dry_run: true });
    expect(toText(result)).toBe("Would change one place of a.txt; nothing was written.");
    expect(workspace.commits).toEqual(["app 1"]);
  });

  test.each([
    ["a.txt", [{ old_text: "two", new_text: "2" }], /there 2 times, at lines 2, 4\..*replace_all/],
    ["a.txt", [{ old_text: "four", new_text: "4" }], /Edit 1: old_text is not in the file\. Read/],
    ["a.txt", [{ old_text: "one", new_text: "one" }], /are the same/],
    ["crlf", [{ old_text: "one\ntwo", new_text: "" }], /lines end in CRLF/],
    ["indented", [{ old_text: "{\n  b();", new_text: "" }], /other white space/],
    ["image.png", [{ old_text: "a", new_text: "" }], /binary/],
    ["link", [{ old_text: "a", new_text: "" }], /symbolic link to a.txt/],
    ["src", [{ old_text: "a", new_text: "" }], /is a directory/],
    ["none", [{ old_text: "a", new_text: "" }], /There is no none/],
    [
      "a.txt",
      [
        { old_text: "one", new_text: "1" },
        { old_text: "one", new_text: "2" },
      ],
      /Edit 2: old_text is not in the file/,
    ],
  ])("%s is not changed by %j", async (path, edits, message) => {
    const result = await workspace.run(editFile, { path, edits });
    expect(result.isError).toBe(true);
    expect(toText(result)).toMatch(message);
    expect(workspace.commits).toEqual(["app 1"]);
  });

  test("a file that somebody else changed after it was read is not overwritten", async () => {
    const run = await editFile.load();
    const context = workspace.context();
    const { open } = context.projects;
    // Between the reading and the writing.
    context.projects.open = async (name) => {
      const base = await open.call(context.projects, name);
      await workspace.run(writeFile, { path: "a.txt", content: "one of theirs" });
      return base;
    };
    const edits = [{ old_text: "one", new_text: "1", replace_all: false }];
    const result = await run({ path: "a.txt", edits, dry_run: false }, context);
    expect(result.isError).toBe(true);
    expect(toText(result)).toContain("a.txt was changed by ada in snapshot 2");
    expect((await files())["a.txt"]).toBe("one of theirs");
  });
});

describe("move", () => {
  const run = (source: string, destination: string) => workspace.run(move, { source, destination });

  test("renames a file, a link and a directory", async () => {
    await run("run", "bin/run");
    await run("link", "l");
    const result = await run("src/", "./lib/src");
    expect(toText(result)).toBe("Moved the directory src to lib/src in snapshot 4 of app.");
    expect(await files()).toMatchObject({
      "bin/run*": "#!/bin/sh\n",
      l: "-> a.txt",
      "lib/src/b.ts": "b\n",
      "lib/src/deep/c.ts": "c\n",
    });
    expect(Object.keys(await files())).toHaveLength(8);
  });

  test.each([
    ["a.txt", "crlf", /There is a file at crlf already/],
    ["a.txt", "src", /There is a directory at src already/],
    ["a.txt", "a.txt", /into itself/],
    ["src", "src/deep/src", /into itself/],
    ["none", "x", /There is no none/],
    ["", "x", /root can't be moved/],
    ["a.txt", "crlf/x", /crlf is a file; nothing can lie below it/],
    ["a.txt", ".git/hooks/x", /git's own folder/],
  ])("%j does not go to %j", async (source, destination, message) => {
    const result = await run(source, destination);
    expect(result.isError).toBe(true);
    expect(toText(result)).toMatch(message);
    expect(workspace.commits).toEqual(["app 1"]);
  });
});

describe("delete", () => {
  test("deletes a file, and a directory when it is told to", async () => {
    expect(toText(await workspace.run(deletePath, { path: "a.txt" }))).toBe(
      "Deleted a.txt in snapshot 2 of app.",
    );
    const refused = await workspace.run(deletePath, { path: "src" });
    expect(refused.isError).toBe(true);
    expect(toText(refused)).toMatch(/Set recursive/);
    const result = await workspace.run(deletePath, { path: "src", recursive: true });
    expect(toStructured(result)).toMatchObject({ files: 2, snapshot: 3 });
    expect(Object.keys(await files())).toEqual(["crlf", "image.png", "indented", "link", "run*"]);
  });

  test.each([
    ["none", /There is no none/],
    ["", /root can't be deleted/],
  ])("%j is not deleted", async (path, message) => {
    const result = await workspace.run(deletePath, { path, recursive: true });
    expect(result.isError).toBe(true);
    expect(toText(result)).toMatch(message);
  });
});
