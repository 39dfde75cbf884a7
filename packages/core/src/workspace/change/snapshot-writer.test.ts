import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Files, MemoryWorkspace } from "../../testing/workspace-memory.ts";
import type { Snapshot } from "../projects.ts";
import type { StoredProjects } from "../stored-projects.ts";
import type { FileChange } from "./file-change.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const write = (path: string, text: string, executable = false): FileChange => ({
  kind: "file",
  path,
  content: encode(text),
  executable,
});
const remove = (path: string): FileChange => ({ kind: "absent", path });
const copy = (from: string, path: string): FileChange => ({ kind: "copy", from, path });

/** Content by path; links as `-> target`, executables with a star behind the path. */
async function filesOf(snapshot: Snapshot): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const entry of snapshot.walk()) {
    if (entry.kind === "link") files[entry.path] = `-> ${entry.target}`;
    else {
      const content = decode(await snapshot.read(entry.path, 1_000_000));
      files[entry.executable ? `${entry.path}*` : entry.path] = content;
    }
  }
  return files;
}

async function projectOf(files: Files) {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", files);
  return { workspace, base: await workspace.projects().open("app") };
}

const FILES = {
  "a.txt": "a",
  "src/b.ts": "b",
  "src/deep/c.ts": "c",
  "run*": "#!",
  l: { link: "a.txt" },
};

/** In a workspace of its own: what the changes make of FILES. */
async function changed(...changes: FileChange[]) {
  const { workspace, base } = await projectOf(FILES);
  const projects = workspace.projects();
  const next = await projects.change(base, changes, "why");
  return { next, files: await filesOf(next), workspace, base };
}

describe("changes", () => {
  test("write, replace and remove files, and keep the rest as it was", async () => {
    const { files, next, base, workspace } = await changed(
      write("a.txt", "A"),
      write("new/x/y.ts", "y", true),
      remove("src/b.ts"),
    );
    expect(files).toEqual({
      "a.txt": "A",
      l: "-> a.txt",
      "new/x/y.ts*": "y",
      "run*": "#!",
      "src/deep/c.ts": "c",
    });
    expect([next.number, base.number]).toEqual([2, 1]);
    expect(await filesOf(base)).toMatchObject({ "a.txt": "a", "src/b.ts": "b" });
    expect(workspace.commits).toEqual(["app 1", "app 2"]);
    const [head] = await workspace.snapshots.heads("u-ada");
    expect(head).toMatchObject({ files: 5, bytes: 1 + 1 + 2 + 1, author: "ada", message: "why" });
  });

  test("cost one pack and one commit, and what they wrote is read without a request", async () => {
    const { workspace, base } = await projectOf(FILES);
    const projects = workspace.projects();
    const before = { ...workspace.packs.requests };
    const next = await projects.change(await projects.open("app"), [write("src/b.ts", "B")], "");
    expect(workspace.packs.requests.put - before.put).toBe(1);
    const reads = workspace.packs.requests.read;
    expect(decode(await next.read("src/b.ts", 10))).toBe("B");
    expect(workspace.packs.requests.read).toBe(reads);
    expect(base.number).toBe(1);
  });

  test("move a directory with all below it, without reading a file", async () => {
    const { files } = await changed(copy("src", "lib"), remove("src"));
    expect(files).toMatchObject({ "lib/b.ts": "b", "lib/deep/c.ts": "c" });
    expect(Object.keys(files).some((path) => path.startsWith("src"))).toBe(false);
  });

  test("of a place and of something below it: the upper one comes first", async () => {
    const { files } = await changed(copy("src", "lib"), write("lib/b.ts", "else"), remove("src"));
    expect(files).toMatchObject({ "lib/b.ts": "else", "lib/deep/c.ts": "c" });
    const replaced = await changed(remove("src"), write("src/only.ts", "1"));
    expect(Object.keys(replaced.files).filter((path) => path.startsWith("src"))).toEqual([
      "src/only.ts",
    ]);
  });

  test("a directory goes with its last file, and an emptied project is one", async () => {
    const { next } = await changed(remove("src/deep/c.ts"));
    expect((await next.list("src")).map(({ path }) => path)).toEqual(["src/b.ts"]);
    const empty = await changed(...["a.txt", "src", "run", "l"].map(remove));
    expect(empty.files).toEqual({});
    const [head] = await empty.workspace.snapshots.heads("u-ada");
    expect(head).toMatchObject({ files: 0, bytes: 0 });
  });

  test("without an effect make no snapshot", async () => {
    const { next, workspace } = await changed(write("a.txt", "a"), remove("none"));
    expect(next.number).toBe(1);
    expect(workspace.commits).toEqual(["app 1"]);
  });

  test.each([
    ["the root", [remove("")], "invalid_path"],
    ["a path that climbs", [write("../a", "")], "invalid_path"],
    ["an empty name", [write("a//b", "")], "invalid_path"],
    ["a link that leads out", [{ kind: "link", path: "x", target: "../y" }], "invalid_path"],
    ["a link that leads out once it is moved", [copy("up/l", "l2")], "invalid_path"],
    ["one path twice", [write("x", ""), remove("x")], "invalid_input"],
    ["a file below a file", [write("a.txt/b", "")], "not_a_directory"],
    ["a file below a link", [write("l/b", "")], "not_a_directory"],
    ["a copy of nothing", [copy("none", "x")], "not_found"],
    ["a copy of what is below a file", [copy("a.txt/x", "x")], "not_found"],
  ] as const)("%s is refused, and nothing is written", async (_, changes, code) => {
    const { workspace, base } = await projectOf({ ...FILES, "up/l": { link: "../a.txt" } });
    const change = workspace.projects().change(base, changes, "");
    await expect(change).rejects.toMatchObject({ code });
    expect(workspace.commits).toEqual(["app 1"]);
  });

  test("a copy of a project without files is refused: it would be an empty directory", async () => {
    const projects = new MemoryWorkspace().projects();
    const empty = await projects.create("app");
    const change = projects.change(empty, [copy("", "x")], "");
    await expect(change).rejects.toMatchObject({ code: "not_found" });
  });

  test("a file may be 64 MiB, a project 2 GiB, and nobody writes without the scope", async () => {
    const { workspace, base } = await projectOf(FILES);
    const content = new Uint8Array(64 * 1024 * 1024 + 1);
    const large: FileChange = { kind: "file", path: "x", content, executable: false };
    const change = (projects: StoredProjects, one: FileChange) => projects.change(base, [one], "");
    await expect(change(workspace.projects(), large)).rejects.toMatchObject({ code: "too_large" });
    const reader = workspace.projects({ scopes: new Set(["read"]) });
    await expect(change(reader, write("x", ""))).rejects.toMatchObject({ code: "forbidden" });
  });

  test("make a new project, which must not be there yet", async () => {
    const workspace = new MemoryWorkspace();
    const projects = workspace.projects();
    const empty = await projects.create("new");
    expect(await filesOf(empty)).toEqual({});
    const next = await projects.change(empty, [write("a/b", "1")], "");
    expect(await filesOf(next)).toEqual({ "a/b": "1" });
    await expect(projects.create("new")).rejects.toMatchObject({ code: "conflict" });
    await expect(projects.create("No!")).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("files and directories together", () => {
  const head = async (workspace: MemoryWorkspace) => (await workspace.snapshots.heads("u-ada"))[0];

  test("are at most 400,000, also by edits that make few files", async () => {
    const { workspace } = await projectOf(FILES);
    const record = (await head(workspace)) ?? expect.unreachable();
    await workspace.snapshots.commit("u-ada", { ...record, number: 2, entries: 399_999 });
    const projects = workspace.projects();
    const almost = await projects.open("app");
    await expect(projects.change(almost, [write("x/y", "")], "")).rejects.toMatchObject({
      code: "too_large",
      message: "A project has at most 400000 files and directories.",
    });
    const full = await projects.change(almost, [write("x", "")], "");
    expect(await head(workspace)).toMatchObject({ number: 3, entries: 400_000 });
    const more = projects.change(full, [copy("src", "lib")], "");
    await expect(more).rejects.toMatchObject({ code: "too_large" });
    await projects.change(full, [copy("src", "lib"), remove("src")], "");
    expect(await head(workspace)).toMatchObject({ number: 4, entries: 400_000 });
    await projects.change(await projects.open("app"), [remove("lib/deep/c.ts")], "");
    expect(await head(workspace)).toMatchObject({ number: 5, entries: 399_998 });
  });

  test("count the directories of a path as deep as one may be", async () => {
    const { workspace, base } = await projectOf({});
    const projects = workspace.projects();
    await projects.change(base, [write(`${"d/".repeat(2_047)}f`, "")], "");
    expect(await head(workspace)).toMatchObject({ files: 1, entries: 2_048 });
  });

  test("are counted where a record does not have their number", async () => {
    const { workspace } = await projectOf(FILES);
    const { entries, ...record } = (await head(workspace)) ?? expect.unreachable();
    expect(entries).toBe(7);
    await workspace.snapshots.commit("u-ada", { ...record, number: 2 });
    const projects = workspace.projects();
    await projects.change(await projects.open("app"), [write("new/x", "")], "");
    expect(await head(workspace)).toMatchObject({ number: 3, entries: 9 });
  });
});

describe("two writers from one snapshot", () => {
  test("both win with different files", async () => {
    const { workspace, base } = await projectOf(FILES);
    const [ada, eve] = [workspace.projects(), workspace.projects({ username: "eve" })];
    await ada.change(base, [write("a.txt", "A")], "");
    const both = await eve.change(base, [write("src/b.ts", "B"), remove("src/deep")], "");
    expect(both.number).toBe(3);
    expect(await filesOf(both)).toMatchObject({ "a.txt": "A", "src/b.ts": "B" });
  });

  test.each([
    ["wrote the same file", write("a.txt", "1"), write("a.txt", "2"), "a.txt"],
    ["removed it", remove("a.txt"), write("a.txt", "2"), "a.txt"],
    ["wrote in a directory that is removed", write("src/new", "1"), remove("src"), "src"],
    ["removed what is copied", remove("src"), copy("src", "lib"), "src"],
    ["put a file where a directory is needed", write("n", "1"), write("n/x", "2"), "n/x"],
    ["made it, too", write("n", "1"), write("n", "2"), "n"],
  ])("the second is told who %s", async (_, first, second, path) => {
    const { workspace, base } = await projectOf(FILES);
    await workspace.projects({ username: "zoe" }).change(base, [write("other", "0")], "");
    await workspace.projects({ username: "eve" }).change(base, [first], "");
    await workspace.projects({ username: "zoe" }).change(base, [write("other2", "0")], "");
    await expect(workspace.projects().change(base, [second], "")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`${path} was changed by eve in snapshot 3`),
    });
    expect(workspace.commits).toHaveLength(4);
  });

  test("that write the same agree", async () => {
    const { workspace, base } = await projectOf(FILES);
    await workspace.projects().change(base, [write("a.txt", "A")], "");
    const again = workspace.projects().change(base, [write("a.txt", "A")], "");
    await expect(again).rejects.toMatchObject({ code: "conflict" });
  });

  test("are told of it also when the second would have nothing to do on what it read", async () => {
    const { workspace, base } = await projectOf(FILES);
    await workspace.projects({ username: "eve" }).change(base, [write("a.txt", "A")], "");
    const idle = workspace.projects().change(base, [write("a.txt", "a")], "");
    await expect(idle).rejects.toMatchObject({ code: "conflict" });
    const none = await workspace.projects().change(base, [remove("none")], "");
    expect(none.number).toBe(2);
  });

  test("can't both make one project", async () => {
    const workspace = new MemoryWorkspace();
    const { commit } = workspace.snapshots;
    workspace.snapshots.commit = async (tenant, record) => {
      workspace.snapshots.commit = commit;
      await workspace.push("app", { a: "theirs" });
      return workspace.snapshots.commit(tenant, record);
    };
    await expect(workspace.projects().create("app")).rejects.toMatchObject({
      code: "conflict",
      message: "There is a project app already, made by ada in snapshot 1.",
    });
  });

  test("give up when others are always first", async () => {
    const { workspace, base } = await projectOf(FILES);
    let rivals = 0;
    const { commit } = workspace.snapshots;
    workspace.snapshots.commit = async (tenant, record) => {
      if (record.author !== "ada") return commit.call(workspace.snapshots, tenant, record);
      rivals += 1;
      const eve = workspace.projects({ username: "eve" });
      await eve.change(await eve.open("app"), [write(`n/${rivals}`, "")], "");
      return commit.call(workspace.snapshots, tenant, record);
    };
    const change = workspace.projects().change(base, [write("a.txt", "A")], "");
    await expect(change).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Others commit to app all the time."),
    });
    expect(rivals).toBe(40);
    expect((await filesOf(await workspace.projects().open("app")))["a.txt"]).toBe("a");
  });

  test("of many at once all win, each with its own file", async () => {
    const { workspace, base } = await projectOf(FILES);
    const writers = Array.from({ length: 12 }, (_, at) =>
      workspace.projects().change(base, [write(`n/${at}`, `${at}`)], ""),
    );
    await Promise.all(writers);
    const files = await filesOf(await workspace.projects().open("app"));
    expect(Object.keys(files).filter((path) => path.startsWith("n/"))).toHaveLength(12);
  });
});

describe("many edits", () => {
  test("leave few packs, and everything readable", async () => {
    const { workspace } = await projectOf(FILES);
    const expected: Record<string, string> = {};
    let most = 0;
    for (let at = 0; at < 60; at += 1) {
      const projects = workspace.projects();
      const path = `dir-${at % 7}/file-${at % 23}`;
      expected[path] = `${at} ${"x".repeat(at * 50)}`;
      await projects.change(await projects.open("app"), [write(path, expected[path] ?? "")], "");
      const [head] = await workspace.snapshots.heads("u-ada");
      most = Math.max(most, head?.packs.length ?? 0);
    }
    expect(most).toBeLessThanOrEqual(12);
    expect(await filesOf(await workspace.projects().open("app"))).toMatchObject(expected);
  });
});

/** What the workspace is held against: a plain map. */
type Model = Map<string, string>;

const NAMES = ["a", "b", "c", "ä", "a.b"];
const anyPath = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => names.join("/"));
const anyChange: fc.Arbitrary<FileChange> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(anyPath, fc.string()).map(([path, text]) => write(path, text)) },
  { weight: 2, arbitrary: anyPath.map(remove) },
  { weight: 1, arbitrary: fc.tuple(anyPath, anyPath).map(([from, path]) => copy(from, path)) },
);

const isAt = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

const upperFirst = (changes: readonly FileChange[]) =>
  changes.toSorted((a, b) => a.path.split("/").length - b.path.split("/").length);

/** Whether a name above a path is a file. */
function isBlocked(model: Model, path: string): boolean {
  return [...model.keys()].some((at) => at !== path && isAt(path, at));
}

/** What a change puts at its place, by path; undefined: there is nothing to copy. */
function filesOfChange(base: Model, change: FileChange): Model | undefined {
  if (change.kind === "file") return new Map([[change.path, decode(change.content as Uint8Array)]]);
  if (change.kind !== "copy") return new Map();
  const { from, path } = change;
  const found = [...base].filter(([at]) => isAt(at, from));
  if (found.length === 0) return undefined;
  return new Map(found.map(([at, text]) => [path + at.slice(from.length), text]));
}

/** What the changes make of the files; undefined when they can't be made. */
function modelChange(base: Model, changes: readonly FileChange[]): Model | undefined {
  if (new Set(changes.map(({ path }) => path)).size < changes.length) return undefined;
  const next = new Map(base);
  for (const change of upperFirst(changes)) {
    const files = filesOfChange(base, change);
    if (!files || isBlocked(next, change.path)) return undefined;
    for (const at of [...next.keys()]) if (isAt(at, change.path)) next.delete(at);
    for (const [at, text] of files) next.set(at, text);
  }
  return next;
}

/** Files, and the directories that they lie in. */
function countEntries(model: Model): number {
  const paths = new Set(model.keys());
  for (const path of model.keys()) {
    const names = path.split("/");
    for (const at of names.keys()) if (at > 0) paths.add(names.slice(0, at).join("/"));
  }
  return paths.size;
}

describe("a project and a plain map of files agree", () => {
  test("after any changes", async () => {
    const anyChanges = fc.array(fc.array(anyChange, { minLength: 1, maxLength: 4 }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(anyChanges, async (steps) => {
        const workspace = new MemoryWorkspace();
        let snapshot: Snapshot = await workspace.projects().create("app");
        let model: Model = new Map();
        for (const changes of steps) {
          const next = modelChange(model, changes);
          const change = workspace.projects().change(snapshot, changes, "");
          if (next) [snapshot, model] = [await change, next];
          else await expect(change).rejects.toMatchObject({ name: "RefusedError" });
          expect(await filesOf(snapshot)).toEqual(Object.fromEntries(model));
        }
        const [head] = await workspace.snapshots.heads("u-ada");
        const bytes = [...model.values()].reduce((sum, text) => sum + encode(text).length, 0);
        expect(head).toMatchObject({ files: model.size, bytes });
        expect(head?.entries).toBe(countEntries(model));
      }),
      { numRuns: 150 },
    );
  });
});
