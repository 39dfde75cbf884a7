import { describe, expect, test } from "vitest";
import { type Files, MemoryWorkspace } from "../testing/workspace-memory.ts";
import type { Snapshot } from "./projects.ts";

async function workspaceOf(files: Files) {
  const workspace = new MemoryWorkspace();
  await workspace.push("app", files);
  return { workspace, projects: workspace.projects() };
}

async function pathsOf(snapshot: Snapshot): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of snapshot.walk()) paths.push(path);
  return paths;
}

const file = (path: string, text: string) =>
  ({ kind: "file", path, content: new TextEncoder().encode(text), executable: false }) as const;

describe("a deleted project", () => {
  test("is gone for whoever lists, opens or changes it, and its name is free", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1" });
    const base = await projects.open("app");
    const gone = await projects.delete("app");
    expect(gone).toMatchObject({ number: 2, author: "ada", deleted: true, files: 0 });
    expect(await pathsOf(gone)).toEqual([]);
    expect(await projects.list()).toEqual([]);
    await expect(projects.open("app")).rejects.toMatchObject({
      code: "not_found",
      message:
        "app was deleted by ada in snapshot 2. To have it back, restore its snapshot 1, or push it anew.",
    });
    await expect(projects.delete("app")).rejects.toMatchObject({ code: "not_found" });
    await expect(projects.change(base, [file("new", "1")], "")).rejects.toMatchObject({
      code: "conflict",
      message: "app was deleted by ada in snapshot 2. Nothing was written.",
    });
    expect(await projects.create("app")).toMatchObject({ project: "app", number: 3 });
    expect(await pathsOf(await projects.open("app"))).toEqual([]);
    expect(workspace.commits).toEqual(["app 1", "app 2", "app 3"]);
  });

  test("is pushed anew as if it had never been, with the next number", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1", b: "2" });
    await projects.delete("app");
    expect(await workspace.push("app", { a: "1", b: "2" })).toMatchObject({
      kind: "committed",
      snapshot: 3,
    });
    expect(await pathsOf(await projects.open("app"))).toEqual(["a", "b"]);
    await projects.delete("app");
    expect(await workspace.push("app", {})).toMatchObject({ kind: "committed", snapshot: 5 });
    expect(await pathsOf(await projects.open("app"))).toEqual([]);
  });

  test("a push that began before is told that it was deleted", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1" });
    await projects.delete("app");
    await expect(workspace.push("app", { a: "2" }, { base: 1 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("but app is deleted, at snapshot 2 (by ada)"),
    });
  });

  test("that is made anew while somebody deletes it stays, and who deletes is told", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1" });
    await projects.delete("app");
    const { snapshots } = workspace;
    const head = snapshots.head.bind(snapshots);
    snapshots.head = async (tenant, project) => {
      const deleted = await head(tenant, project);
      snapshots.head = head;
      await workspace.projects({ username: "eve" }).create("app");
      return deleted;
    };
    await expect(projects.delete("app")).rejects.toMatchObject({
      code: "conflict",
      message: "app was made anew by eve in snapshot 3. Nothing was deleted.",
    });
    expect(await projects.open("app")).toMatchObject({ number: 3 });
  });

  test("is deleted once by two at the same time, and not by who may not write", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1" });
    const reader = workspace.projects({ scopes: new Set(["read"]) });
    await expect(reader.delete("app")).rejects.toMatchObject({ code: "forbidden" });
    const ends = await Promise.allSettled([projects.delete("app"), projects.delete("app")]);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(workspace.commits).toEqual(["app 1", "app 2"]);
  });

  test("goes with what others wrote meanwhile, which stays in the history", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1" });
    const { commit } = workspace.snapshots;
    let isFirst = true;
    workspace.snapshots.commit = async (...args) => {
      if (isFirst) {
        isFirst = false;
        await projects.change(await projects.open("app"), [file("b", "2")], "");
      }
      return commit.apply(workspace.snapshots, args);
    };
    expect(await projects.delete("app")).toMatchObject({ number: 3 });
    expect(await pathsOf(await projects.openAt("app", 2))).toEqual(["a", "b"]);
  });
});

describe("creating", () => {
  test("of two that create one name one does, be the name new or that of a deleted project", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1" });
    await projects.delete("app");
    for (const name of ["app", "fresh"]) {
      const ends = await Promise.allSettled(
        Array.from({ length: 5 }, () => workspace.projects().create(name)),
      );
      const lost = ends.filter((end) => end.status === "rejected");
      expect(lost).toHaveLength(4);
      for (const { reason } of lost) expect(reason).toMatchObject({ code: "conflict" });
    }
    expect(workspace.commits).toEqual(["app 1", "app 2", "app 3", "fresh 1"]);
  });
});

describe("what lies in another snapshot", () => {
  test("can be taken from packs that the project no longer has, and is found when those are merged", async () => {
    const { workspace, projects } = await workspaceOf({ "old/a": "a", "old/b": "b", c: "c" });
    await workspace.push("app", { other: "1" });
    const old = await projects.openAt("app", 1);
    let head = await projects.change(
      await projects.open("app"),
      [
        { kind: "copy", from: "old", path: "back", snapshot: old },
        { kind: "copy", from: "c", path: "c", snapshot: old },
      ],
      "",
    );
    expect(await pathsOf(head)).toEqual(["back/a", "back/b", "c", "other"]);
    // Each edit adds a pack; at twelve small ones the smallest are written anew as one.
    for (let at = 0; at < 40; at += 1) {
      const snapshot = await projects.openAt("app", 1);
      const changes = [
        file("other", `${at}`),
        { kind: "copy", from: "old/a", path: `again/${at}`, snapshot } as const,
      ];
      head = await projects.change(head, changes, "");
    }
    const cold = await workspace.projects().open("app");
    for await (const entry of cold.walk()) await cold.read(entry.path, 10);
    expect(new TextDecoder().decode(await cold.read("back/b", 10))).toBe("b");
    const record = await workspace.snapshots.head("u-ada", "app");
    expect(record?.packs.length).toBeLessThan(14);
    expect(record).toMatchObject({ files: 44 });
  });

  test("of another project is refused", async () => {
    const { workspace, projects } = await workspaceOf({ a: "1" });
    await workspace.push("web", { a: "2" });
    const snapshot = await projects.open("web");
    const change = { kind: "copy", from: "a", path: "b", snapshot } as const;
    await expect(projects.change(await projects.open("app"), [change], "")).rejects.toThrow(
      TypeError,
    );
  });
});
