import { type InputRequest, RefusedError } from "@zenode/core";
import { expect, test } from "vitest";
import { readFile } from "../read-file/tool.ts";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { writeFile } from "../write-file/tool.ts";
import { projects } from "./tool.ts";

const updated_at = "2026-09-21T14:13:20.000Z";

test("lists the projects by name, with their sizes", async () => {
  const workspace = await ToolWorkspace.of({ web: { a: "12345" }, app: { a: "1", b: "22" } });
  const result = await workspace.run(projects, {});
  expect(result.structured).toMatchObject({
    projects: [
      { name: "app", snapshot: 1, files: 2, bytes: 3, updated_at },
      { name: "web", snapshot: 1, files: 1, bytes: 5, updated_at },
    ],
  });
  expect(toText(result).split("\n").slice(0, 2)).toEqual([
    `app: 2 files, 3 bytes, snapshot 1 of ${updated_at}`,
    `web: 1 files, 5 bytes, snapshot 1 of ${updated_at}`,
  ]);
});

test("tells what is stored, old snapshots included, and what may be", async () => {
  const workspace = await ToolWorkspace.of({ web: { a: "12345" }, app: { a: "1", b: "22" } });
  await workspace.run(writeFile, { project: "app", path: "b", content: "3" });
  const stored = new Map<string, number>();
  for (const { project, bytes } of await workspace.usage.list("u-ada")) stored.set(project, bytes);
  const [app = 0, web = 0] = [stored.get("app"), stored.get("web")];
  const result = await workspace.run(projects, {});
  expect(app).toBeGreaterThan(web);
  expect(result.structured).toMatchObject({
    projects: [
      { name: "app", stored_bytes: app, snapshots: 2 },
      { name: "web", stored_bytes: web, snapshots: 1 },
    ],
    limits: {
      stored_bytes: { used: app + web, most: 1_073_741_824 },
      projects: { used: 2, most: 100 },
      files_per_project: { used: 2, most: 200_000 },
      snapshots_per_project: { used: 2, most: 20_000 },
    },
  });
  expect(toText(result).split("\n").at(-1)).toBe(
    `Storage, old snapshots included: stored bytes ${app + web} of 1073741824, projects 2 of 100, files per project 2 of 200000, snapshots per project 2 of 20000.`,
  );
});

test("says how to begin when there is none", async () => {
  const workspace = await ToolWorkspace.of({});
  expect(toText(await workspace.run(projects, {}))).toMatch(/zenode push/);
});

test("creates a project that can be written to at once, and none twice", async () => {
  const workspace = await ToolWorkspace.of({});
  const made = await workspace.run(projects, { action: "create", project: "app" });
  expect(toText(made)).toBe("Created app, without files, as snapshot 1.");
  await workspace.run(writeFile, { path: "a", content: "1" });
  const again = await workspace.run(projects, { action: "create", project: "app" });
  expect(again.isError).toBe(true);
  expect(toText(again)).toBe("There is a project app already.");
  const bad = await workspace.run(projects, { action: "create", project: "../x" });
  expect(toText(bad)).toMatch(/no project name/);
  const unnamed = await workspace.run(projects, { action: "create" });
  expect(toText(unnamed)).toBe("To create, say which: pass project.");
});

test("the chosen project is meant by calls that name none, for this user and while it is there", async () => {
  const workspace = await ToolWorkspace.of({ app: { a: "of app" }, web: { a: "of web" } });
  const read = async () => toText(await workspace.run(readFile, { path: "a" }));
  expect(await read()).toBe("Say which project: pass one of app, web.");
  await workspace.run(projects, { action: "use", project: "web" });
  expect(await read()).toContain("of web");
  expect(toStructured(await workspace.run(projects, {}))).toMatchObject({ chosen: "web" });
  expect(await workspace.projects({ subject: "bob" }).preferred()).toBeUndefined();
  await workspace.push("api", { a: "of api" });
  await workspace.run(projects, { action: "delete", project: "web", confirm: "web" });
  expect(await read()).toBe("Say which project: pass one of api, app.");
  const gone = await workspace.run(projects, { action: "use", project: "web" });
  expect(toText(gone)).toMatch(/^web was deleted by ada in snapshot 2\./);
});

test("deletes only what is confirmed, and says how it comes back", async () => {
  const workspace = await ToolWorkspace.of({ app: { a: "1" } });
  const unsure = [{}, { confirm: "yes" }, { confirm: "" }];
  for (const more of unsure) {
    const result = await workspace.run(
      projects,
      { action: "delete", project: "app", ...more },
      undefined,
      { ask: () => Promise.reject(new RefusedError("cannot_ask", "It can't.")) },
    );
    expect(toText(result)).toMatch(/Nothing was deleted\..*pass confirm: app/);
  }
  expect(workspace.commits).toEqual(["app 1"]);
  const result = await workspace.run(projects, {
    action: "delete",
    project: "app",
    confirm: "app",
  });
  expect(result.structured).toEqual({ project: "app", snapshot: 2 });
  expect(toStructured(await workspace.run(projects, {}))).toMatchObject({ projects: [] });
  const read = await workspace.run(readFile, { project: "app", path: "a" });
  expect(toText(read)).toBe(
    "app was deleted by ada in snapshot 2. To have it back, restore its snapshot 1, or push it anew.",
  );
});

test.each([
  [true, ["app 1", "app 2"]],
  [false, ["app 1"]],
])("asks the user where the client can: %j", async (answer, commits) => {
  const workspace = await ToolWorkspace.of({ app: { a: "1" } });
  const asked: string[] = [];
  const ask = async (request: InputRequest) => {
    if (request.method === "elicitation/create") asked.push(request.params.message);
    return { action: "accept", content: { delete: answer } } as never;
  };
  await workspace.run(projects, { action: "delete", project: "app" }, undefined, { ask });
  expect(asked).toEqual(["Delete the project app with everything in it?"]);
  expect(workspace.commits).toEqual(commits);
});
