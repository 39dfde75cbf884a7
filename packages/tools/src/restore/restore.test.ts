import type { Snapshot } from "@zenode/core";
import { beforeEach, describe, expect, test } from "vitest";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { writeFile } from "../write-file/tool.ts";
import { restore } from "./tool.ts";

const FIRST = {
  "a.txt": "a",
  "src/b.ts": "b",
  "src/deep/c.ts": "c",
  "run*": "#!",
  l: { link: "a.txt" },
};

let workspace: ToolWorkspace;
beforeEach(async () => {
  workspace = await ToolWorkspace.of({ app: FIRST });
  await workspace.push("app", { "a.txt": "A", "new/d.ts": "d", run: "#!" });
});

async function filesOf(snapshot: Snapshot): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const entry of snapshot.walk()) {
    if (entry.kind === "link") files[entry.path] = `-> ${entry.target}`;
    else {
      const content = await snapshot.read(entry.path, 1_000_000);
      files[entry.path + (entry.executable ? "*" : "")] = new TextDecoder().decode(content);
    }
  }
  return files;
}
const files = async () => filesOf(await workspace.projects().open("app"));
const run = (input: object) => workspace.run(restore, { project: "app", ...input });

const RESTORED = {
  "a.txt": "a",
  l: "-> a.txt",
  "run*": "#!",
  "src/b.ts": "b",
  "src/deep/c.ts": "c",
};

describe("restore", () => {
  test("brings a whole project back as a new snapshot, and says what changed", async () => {
    const result = await run({ snapshot: 1 });
    expect(await files()).toEqual(RESTORED);
    expect(result.structured).toEqual({
      ...{ project: "app", snapshot: 3, restored: 1, dry_run: false, files_changed: 6 },
      files: [
        { path: "a.txt", change: "modified" },
        { path: "l", change: "added" },
        { path: "new/d.ts", change: "deleted" },
        { path: "run", change: "mode" },
        { path: "src/b.ts", change: "added" },
        { path: "src/deep/c.ts", change: "added" },
      ],
    });
    expect(toText(result)).toMatch(
      /^Restored app to snapshot 1, in snapshot 3 of app\.\n6 files: /,
    );
    const [head] = await workspace.snapshots.heads("u-ada");
    expect(head).toMatchObject({ files: 5, bytes: 5, message: "restore snapshot 1" });
  });

  test("uploads only directories: files come from the packs of the old snapshot", async () => {
    await workspace.push("app", { other: "nothing of before" });
    const packsOf = async (number: number) => {
      const record = await workspace.snapshots.get("u-ada", "app", number);
      return record?.packs.map(({ id }) => id) ?? [];
    };
    expect(await packsOf(3)).not.toEqual(expect.arrayContaining(await packsOf(1)));
    await run({ snapshot: 1 });
    expect((await packsOf(4)).slice(1)).toEqual([...(await packsOf(3)), ...(await packsOf(1))]);
    const after = await workspace.snapshots.head("u-ada", "app");
    expect(after?.packs[0]?.bytes).toBeLessThan(400);
  });

  test("brings one path back and touches nothing else", async () => {
    await run({ snapshot: 1, path: "src/deep" });
    expect(await files()).toEqual({
      "a.txt": "A",
      "new/d.ts": "d",
      run: "#!",
      "src/deep/c.ts": "c",
    });
    const result = await run({ snapshot: 1, path: "./new/" });
    expect(toStructured(result)).toMatchObject({
      files: [{ path: "new/d.ts", change: "deleted" }],
    });
    expect(await files()).toEqual({ "a.txt": "A", run: "#!", "src/deep/c.ts": "c" });
  });

  test("only tells when it is asked only to tell, and does nothing where nothing differs", async () => {
    const told = await run({ snapshot: 1, path: "a.txt", dry_run: true });
    expect(toText(told)).toBe(
      "Would restore a.txt to snapshot 1; nothing was written.\n1 files: 1 modified\n  modified a.txt",
    );
    expect(toText(await run({ snapshot: 2 }))).toBe("app is already as it was in snapshot 2.");
    expect(workspace.commits).toEqual(["app 1", "app 2"]);
  });

  test.each([
    [{ snapshot: 7 }, "There is no snapshot 7 of app yet; the newest is 2."],
    [{ snapshot: 1, path: "none" }, "There is no none in snapshot 1, nor in 2."],
    [{ snapshot: 1, path: "../x" }, /can't be used/],
    [{ project: "web", snapshot: 1 }, "There is no project web. There are: app."],
  ])("%j is refused", async (input, message) => {
    const result = await run(input);
    expect(result.isError).toBe(true);
    expect(toText(result)).toMatch(message);
  });

  test("what somebody else changed meanwhile is not overwritten; other changes stay", async () => {
    const race = async (path: string, content: string) => {
      const context = workspace.context();
      const { change } = context.projects;
      context.projects.change = async (...args) => {
        await workspace.run(writeFile, { path, content });
        return change.apply(context.projects, args);
      };
      const work = await restore.load();
      return work({ project: "app", snapshot: 1, path: "a.txt", dry_run: false }, context);
    };
    expect(toText(await race("a.txt", "theirs"))).toContain(
      "a.txt was changed by ada in snapshot 3",
    );
    expect((await race("new/d.ts", "theirs, too")).isError).not.toBe(true);
    expect(await files()).toMatchObject({ "a.txt": "a", "new/d.ts": "theirs, too" });
  });

  test("brings a deleted project back; its numbers go on", async () => {
    await workspace.projects().delete("app");
    expect(toText(await run({ snapshot: 3 }))).toMatch(/^With snapshot 3 app was deleted\./);
    const result = await run({ snapshot: 1 });
    expect(result.structured).toMatchObject({ snapshot: 4, files_changed: 5 });
    expect(await files()).toEqual(RESTORED);
  });

  test("a snapshot that is no longer kept is named with what is near it", async () => {
    const { get, list } = workspace.snapshots;
    workspace.snapshots.get = async (tenant, project, number) =>
      number === 1 ? undefined : get.call(workspace.snapshots, tenant, project, number);
    workspace.snapshots.list = async (...args) =>
      (await list.apply(workspace.snapshots, args)).filter(({ number }) => number !== 1);
    expect(toText(await run({ snapshot: 1 }))).toBe(
      "Snapshot 1 of app is no longer kept. No older one is kept, either.",
    );
  });
});
