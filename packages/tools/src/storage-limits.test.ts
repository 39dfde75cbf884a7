import { MIB } from "@zenode/core";
import { expect, test } from "vitest";
import { catalogue } from "./index.ts";
import { ToolWorkspace, toText } from "./testing/tool-workspace.ts";

/** A call of each tool that commits, on a project that was `{ a, b, c }` and is `{ a, b }` by now. */
const CALLS: Readonly<Record<string, { readonly args: object; readonly kind: Kind }>> = {
  apply_patch: {
    args: { patch: "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+new\n" },
    kind: "adds a file",
  },
  delete: { args: { path: "a" }, kind: "removes" },
  edit_file: { args: { path: "a", edits: [{ old_text: "1", new_text: "9" }] }, kind: "changes" },
  move: { args: { source: "a", destination: "new" }, kind: "changes" },
  projects: { args: { action: "create", project: "more" }, kind: "makes a project" },
  restore: { args: { snapshot: 1 }, kind: "adds a file" },
  write_file: { args: { path: "new", content: "new" }, kind: "adds a file" },
};
type Kind = "adds a file" | "changes" | "removes" | "makes a project";

const namesOf = (...kinds: readonly Kind[]) =>
  Object.keys(CALLS).filter((name) => kinds.includes(CALLS[name]?.kind as Kind));

async function setUp() {
  const workspace = await ToolWorkspace.of({ app: { a: "1", b: "2", c: "3" } });
  await workspace.push("app", { a: "1", b: "2" });
  const stored = () => [...workspace.packs.keys()].sort();
  const before = stored();
  const call = async (name: string) => {
    const tool = catalogue.find((one) => one.name === name);
    if (!tool) throw new Error(`There is no tool ${name}.`);
    return workspace.run(tool, CALLS[name]?.args);
  };
  /** Nothing was stored and nothing committed. */
  const refused = async (name: string, text: RegExp) => {
    const result = await call(name);
    expect([result.isError, toText(result)]).toEqual([true, expect.stringMatching(text)]);
    expect(stored()).toEqual(before);
    expect(workspace.commits).toEqual(["app 1", "app 2"]);
  };
  return { workspace, call, refused };
}

/** Held against the limits in tests of their own. */
const ELSEWHERE = ["import_repository", "prepare_upload", "run_command"];

test("every tool that changes projects is held against the limits here or in its own test", () => {
  const changing = catalogue.filter(({ annotations }) => annotations?.readOnlyHint !== true);
  expect(changing.map(({ name }) => name).sort()).toEqual(
    [...Object.keys(CALLS), ...ELSEWHERE].sort(),
  );
});

test.each(Object.keys(CALLS))("%s stores nothing where no byte is free", async (name) => {
  const { workspace, refused } = await setUp();
  await workspace.usage.add("u-ada", "app", 4_096 * MIB, workspace.now);
  await refused(name, /^The storage is full: \d+\.\d MiB of 1024\.0 MiB are used, .* Delete /s);
});

test.each(namesOf("adds a file", "changes"))(
  "%s makes no snapshot more than there may be",
  async (name) => {
    const { workspace, refused } = await setUp();
    workspace.limits.snapshotsPerProject = 2;
    await refused(name, /^2 snapshots of app are kept, and there may be 2\. Old ones go /);
  },
);

test.each(namesOf("adds a file"))("%s makes no file more than there may be", async (name) => {
  const { workspace, refused } = await setUp();
  workspace.limits.filesPerProject = 2;
  await refused(
    name,
    /^app would have 3 files, and a project may have 2; it has 2\. Leave files out /,
  );
});

test.each(namesOf("makes a project"))(
  "%s makes no project more than there may be",
  async (name) => {
    const { workspace, refused } = await setUp();
    workspace.limits.projects = 1;
    await refused(name, /^There are 1 projects, and there may be 1\. Delete one /);
  },
);

test.each(namesOf("removes"))("%s is done in a workspace that is full", async (name) => {
  const { workspace, call } = await setUp();
  const { limits, usage } = workspace;
  await usage.add("u-ada", "app", limits.storedBytes + 300 * MIB, workspace.now);
  Object.assign(limits, { filesPerProject: 1, snapshotsPerProject: 1, projects: 1 });
  expect((await call(name)).isError).toBeUndefined();
  expect(workspace.commits.at(-1)).toBe("app 3");
});

test("a project is deleted however full the workspace is", async () => {
  const { workspace } = await setUp();
  await workspace.usage.add("u-ada", "app", 4_096 * MIB, workspace.now);
  Object.assign(workspace.limits, { filesPerProject: 1, snapshotsPerProject: 1, projects: 1 });
  const tool = catalogue.find(({ name }) => name === "projects");
  if (!tool) throw new Error("There is no tool projects.");
  await workspace.run(tool, { action: "delete", project: "app", confirm: "app" });
  expect(workspace.commits.at(-1)).toBe("app 3");
});
