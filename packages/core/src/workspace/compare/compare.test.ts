import { expect, test } from "vitest";
import { type Files, MemoryWorkspace } from "../../testing/workspace-memory.ts";
import type { Snapshot } from "../projects.ts";
import { compareSnapshots, type PathChange } from "./compare-snapshots.ts";
import { differences } from "./differences.ts";
import { findRenames } from "./find-renames.ts";

async function snapshots(before: Files, after: Files) {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", before);
  await workspace.push("app", after);
  const projects = workspace.projects();
  return { from: await projects.openAt("app", 1), to: await projects.openAt("app", 2) };
}

async function changesOf(before: Files, after: Files): Promise<readonly PathChange[]> {
  const changes: PathChange[] = [];
  for await (const change of compareSnapshots(await snapshots(before, after))) changes.push(change);
  return changes;
}

const tell = (changes: readonly PathChange[]) =>
  changes.map((change) =>
    [change.kind, ...(change.kind === "renamed" ? [change.before.path] : []), change.path].join(
      " ",
    ),
  );

test("every kind of change is told, in the order of paths", async () => {
  const before = {
    ...{ same: "1", text: "1", "mode*": "1", kind: "1", gone: "1", link: { link: "text" } },
    ...{ "dir/a": "1", file: "1", "old/deep/x": "x" },
  };
  const after = {
    ...{ same: "1", text: "2", mode: "1", kind: { link: "text" }, link: { link: "same" } },
    ...{ dir: "1", "file/b": "1", "fresh/deep/y": "y" },
  };
  expect(tell(await changesOf(before, after))).toEqual([
    "deleted dir/a",
    "added dir",
    "deleted file",
    "added file/b",
    "added fresh/deep/y",
    "deleted gone",
    "kind kind",
    "modified link",
    "mode mode",
    "deleted old/deep/x",
    "modified text",
  ]);
});

test("a directory that only one side has is one difference", async () => {
  const pair = await snapshots({ a: "1", "old/x": "x", "old/y": "y" }, { a: "1", "new/z/w": "w" });
  const found: string[] = [];
  for await (const { path, before, after } of differences(pair)) {
    found.push(`${path}: ${before?.kind} -> ${after?.kind}`);
  }
  expect(found).toEqual(["new: undefined -> directory", "old: directory -> undefined"]);
});

test("only the directories above what differs are listed", async () => {
  const files: Record<string, string> = {};
  for (let at = 0; at < 5_000; at += 1) files[`d${at % 20}/e${at % 400}/f${at}`] = `${at}`;
  const pair = await snapshots(files, { ...files, "d3/e3/f3": "new", "d7/e7/added": "new" });
  const listed: string[] = [];
  const watch = (snapshot: Snapshot): Snapshot =>
    Object.create(snapshot, {
      entry: { value: (path: string) => snapshot.entry(path) },
      list: {
        value: (path: string) => {
          listed.push(path);
          return snapshot.list(path);
        },
      },
    });
  const changes: PathChange[] = [];
  const watched = { from: watch(pair.from), to: watch(pair.to) };
  for await (const change of compareSnapshots(watched)) changes.push(change);
  expect(tell(changes)).toEqual(["modified d3/e3/f3", "added d7/e7/added"]);
  expect([...new Set(listed)]).toEqual(["", "d3", "d3/e3", "d7", "d7/e7"]);
});

test("nothing stands for a snapshot without files", async () => {
  const { from } = await snapshots({ a: "1", "b/c": "2" }, { a: "1" });
  const all: PathChange[] = [];
  for await (const change of compareSnapshots({ from: undefined, to: from })) all.push(change);
  expect(tell(all)).toEqual(["added a", "added b/c"]);
});

test("a file of the same content elsewhere was renamed: of the same name first, each once, none that is empty", async () => {
  const changes = await changesOf(
    { "x/a": "1", "x/b": "1", c: "2", empty: "", run: "3" },
    { "y/b": "1", "z/d": "1", "z/e": "1", none: "", "walk*": "3", c: "4", kept: "2" },
  );
  expect(tell(findRenames(changes))).toEqual([
    "modified c",
    "deleted empty",
    "added kept",
    "added none",
    "renamed run walk",
    "renamed x/b y/b",
    "renamed x/a z/d",
    "added z/e",
  ]);
});

test("renames among many equal files are found in a moment", () => {
  const file = (path: string) =>
    ({ kind: "file", path, bytes: 1, executable: false, blob: "b" }) as const;
  const changes = Array.from({ length: 100_000 }, (_, at): PathChange[] => [
    { kind: "deleted", path: `a/${at}`, before: file(`a/${at}`) },
    { kind: "added", path: `b/${at}`, after: file(`b/${at}`) },
  ]).flat();
  const found = findRenames(changes);
  expect(found).toHaveLength(100_000);
  expect(found.every((change) => change.kind === "renamed")).toBe(true);
});
