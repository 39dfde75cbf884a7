import { beforeAll, describe, expect, test } from "vitest";
import { UnavailableError } from "../lib/error.ts";
import { MemoryWorkspace } from "../testing/workspace-memory.ts";
import type { FileEntry, Snapshot } from "./projects.ts";

const workspace = new MemoryWorkspace();
let snapshot: Snapshot;

beforeAll(async () => {
  await workspace.push("app", {
    "src/a.ts": "a\n",
    "src/b/c.ts": "c\n",
    "src.txt": "text\n",
    "src/link": { link: "a.ts" },
    "run*": "#!/bin/sh\n",
    copy: "a\n",
  });
  snapshot = await workspace.projects().open("app");
});

async function paths(path?: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of snapshot.walk(path)) found.push(entry.path);
  return found;
}

describe("a snapshot", () => {
  test("knows its project and number", () => {
    expect(snapshot).toMatchObject({ project: "app", number: 1 });
  });

  test("lists a directory's children by name", async () => {
    expect(await snapshot.list("")).toMatchObject([
      { kind: "file", path: "copy", bytes: 2, executable: false },
      { kind: "file", path: "run", executable: true },
      { kind: "directory", path: "src" },
      { kind: "file", path: "src.txt" },
    ]);
    expect(await snapshot.list("src")).toMatchObject([
      { kind: "file", path: "src/a.ts" },
      { kind: "directory", path: "src/b" },
      { kind: "link", path: "src/link", target: "a.ts" },
    ]);
  });

  test("walks in order, from the root or from below", async () => {
    expect(await paths()).toEqual(["copy", "run", "src/a.ts", "src/b/c.ts", "src/link", "src.txt"]);
    expect(await paths("src/b")).toEqual(["src/b/c.ts"]);
  });

  test("reads a file, and many", async () => {
    expect(new TextDecoder().decode(await snapshot.read("src/b/c.ts", 10))).toBe("c\n");
    const files: FileEntry[] = [];
    for await (const entry of snapshot.walk()) if (entry.kind === "file") files.push(entry);
    const read = new Map<string, string>();
    for await (const { file, content } of snapshot.readMany(files)) {
      read.set(file.path, new TextDecoder().decode(content));
    }
    expect([...read].sort()).toEqual([
      ["copy", "a\n"],
      ["run", "#!/bin/sh\n"],
      ["src.txt", "text\n"],
      ["src/a.ts", "a\n"],
      ["src/b/c.ts", "c\n"],
    ]);
  });

  test("tells what a path is", async () => {
    expect(await snapshot.entry("")).toMatchObject({ kind: "directory", path: "" });
    expect(await snapshot.entry("src/b")).toEqual({
      kind: "directory",
      path: "src/b",
      tree: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await snapshot.entry("src/link")).toEqual({
      kind: "link",
      path: "src/link",
      target: "a.ts",
    });
  });

  test.each([
    ["nothing", "not_found"],
    ["src/nothing", "not_found"],
    ["src.txt/below", "not_found"],
    ["src/link/below", "not_found"],
    ["src", "not_a_file"],
    ["", "not_a_file"],
    ["src/link", "not_a_file"],
    ["../src.txt", "invalid_path"],
    ["/src.txt", "invalid_path"],
    ["src//a.ts", "invalid_path"],
  ])("reading %j is refused: %s", async (path, code) => {
    await expect(snapshot.read(path, 100)).rejects.toMatchObject({ name: "RefusedError", code });
  });

  test("reading more than the caller takes is refused", async () => {
    await expect(snapshot.read("src.txt", 4)).rejects.toMatchObject({ code: "too_large" });
    expect(await snapshot.read("src.txt", 5)).toHaveLength(5);
  });

  test("listing what is no directory is refused", async () => {
    await expect(snapshot.list("src.txt")).rejects.toMatchObject({ code: "not_a_directory" });
    await expect(snapshot.list("src/link")).rejects.toMatchObject({ code: "not_a_directory" });
    await expect(paths("none")).rejects.toMatchObject({ code: "not_found" });
  });

  test("stays as it is while the project moves on", async () => {
    const own = new MemoryWorkspace();
    await own.push("app", { a: "old" });
    const old = await own.projects().open("app");
    await own.push("app", { a: "new" });
    expect(new TextDecoder().decode(await old.read("a", 10))).toBe("old");
  });

  test("of a pack that lost a byte is corrupt, and says nothing else", async () => {
    const own = new MemoryWorkspace();
    await own.push("app", { a: "x".repeat(1_000) });
    const key = own.packs.keys().find((name) => name.startsWith("users/")) ?? "";
    const [pack] = (await own.snapshots.head("u-ada", "app"))?.packs ?? [];
    const body = await own.packs.read("u-ada", "app", pack?.id ?? "", 0, pack?.bytes ?? 0);
    own.packs.overwrite(key, body.with(3, (body[3] ?? 0) ^ 0x40));
    const broken = await own.projects().open("app");
    await expect(broken.read("a", 2_000)).rejects.toMatchObject({ code: "corrupt" });
  });
});

test("a snapshot that could not be read once can be read once the store answers", async () => {
  const own = new MemoryWorkspace();
  await own.push("app", { a: "1" });
  const held = await own.projects().open("app");
  const { read } = own.packs;
  own.packs.read = () => Promise.reject(new UnavailableError("Throttled."));
  await expect(held.read("a", 10)).rejects.toMatchObject({ code: "unavailable" });
  own.packs.read = read;
  expect(new TextDecoder().decode(await held.read("a", 10))).toBe("1");
});

describe("a project that does not exist", () => {
  test("is refused with those that do", async () => {
    await expect(workspace.projects().open("web")).rejects.toMatchObject({
      code: "not_found",
      message: "There is no project web. There are: app.",
    });
    await expect(workspace.projects({ tenant: "u-new" }).open("web")).rejects.toMatchObject({
      message: "There is no project web; none was pushed yet.",
    });
  });
});

test("a warm process answers a second read from memory", async () => {
  const projects = workspace.projects();
  await (await projects.open("app")).read("src/a.ts", 10);
  const before = workspace.packs.requests.read;
  await (await projects.open("app")).read("src/b/c.ts", 10);
  expect(workspace.packs.requests.read).toBe(before);
});
