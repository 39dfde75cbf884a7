import { beforeEach, expect, test } from "vitest";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { history } from "./tool.ts";

let workspace: ToolWorkspace;
beforeEach(async () => {
  workspace = await ToolWorkspace.of({ app: { a: "1", "src/x": "1" } });
  await workspace.push("app", { a: "1", "src/x": "2" }, { message: "x is\n2" });
  await workspace.push("app", { "src/x": "2" });
  await workspace.push("app", { a: "1", "src/x": "2", "src/y": "1" });
});

interface Answer {
  readonly snapshots: readonly { readonly snapshot: number; readonly change?: string }[];
  readonly before?: number;
}
const ask = async (input: object) =>
  toStructured(await workspace.run(history, input)) as unknown as Answer;
const changesOf = async (path: string, more: object = {}) => {
  const { snapshots, before } = await ask({ path, ...more });
  return [...snapshots.map(({ snapshot, change }) => `${snapshot} ${change}`), before];
};

test("tells number, time, author, message and totals, newest first, page by page", async () => {
  const result = await workspace.run(history, { limit: 3 });
  const created_at = "2026-09-21T14:13:20.000Z";
  expect(result.structured).toEqual({
    project: "app",
    snapshots: [
      { snapshot: 4, created_at, author: "ada", message: "", files: 3, bytes: 3 },
      { snapshot: 3, created_at, author: "ada", message: "", files: 1, bytes: 1 },
      { snapshot: 2, created_at, author: "ada", message: "x is\n2", files: 2, bytes: 2 },
    ],
    before: 2,
  });
  expect(toText(result).split("\n").slice(2)).toEqual([
    `2  ${created_at}  ada  x is 2  (2 files, 2 bytes)`,
    "Looked back to snapshot 2; go on with before: 2.",
  ]);
  expect(await ask({ before: 2 })).toMatchObject({ snapshots: [{ snapshot: 1 }] });
  expect(await ask({ before: 2 })).not.toHaveProperty("before");
});

test("of a path only the snapshots in which it changed", async () => {
  expect(await changesOf("a")).toEqual(["4 added", "3 deleted", "1 added", undefined]);
  expect(await changesOf("src/x")).toEqual(["2 modified", "1 added", undefined]);
  expect(await changesOf("./src/")).toEqual(["4 modified", "2 modified", "1 added", undefined]);
  expect(await changesOf("src/x/below")).toEqual([undefined]);
});

test("of a path page by page", async () => {
  expect(await changesOf("a", { limit: 1 })).toEqual(["4 added", 4]);
  expect(await changesOf("a", { limit: 1, before: 4 })).toEqual(["3 deleted", 3]);
  expect(await changesOf("a", { limit: 1, before: 3 })).toEqual(["1 added", undefined]);
});

test("where the oldest snapshots are no longer kept it says so", async () => {
  const { list } = workspace.snapshots;
  workspace.snapshots.list = async (...args) =>
    (await list.apply(workspace.snapshots, args)).filter(({ number }) => number !== 1);
  expect(await changesOf("src/x")).toEqual(["2 oldest", undefined]);
});

test("a long line is looked at piece by piece", async () => {
  for (let at = 5; at <= 260; at += 1) {
    await workspace.push("app", { a: "1", "src/x": "2", "src/y": `${at}` });
  }
  const first = await ask({ path: "a" });
  expect(first.snapshots).toEqual([]);
  expect(toText(await workspace.run(history, { path: "a" }))).toContain(
    `go on with before: ${first.before}`,
  );
  expect(first.before).toBeLessThan(100);
  expect(await changesOf("a", { before: first.before })).toEqual([
    ...["4 added", "3 deleted", "1 added"],
    undefined,
  ]);
});

test("a deleted project has a history; one that never was is refused", async () => {
  await workspace.projects().delete("app");
  expect(await ask({ project: "app", limit: 1 })).toMatchObject({
    snapshots: [{ snapshot: 5, deleted: true, files: 0 }],
  });
  expect(await changesOf("a", { project: "app", limit: 1 })).toEqual(["5 deleted", 5]);
  const result = await workspace.run(history, { project: "web" });
  expect(toText(result)).toBe("There is no project web; none was pushed yet.");
});
