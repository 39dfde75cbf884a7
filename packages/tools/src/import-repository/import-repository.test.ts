import {
  type Computer,
  type ImportedFiles,
  type Importer,
  type Json,
  RefusedError,
} from "@zenode/core";
import { expect, test } from "vitest";
import { filesOf, ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { importRepository } from "./tool.ts";

const url = "https://git.example.org/a.git";
const IMPORTED: ImportedFiles = {
  format: "git",
  commit: "0123456789abcdef0123456789abcdef01234567",
  bytes: 3,
  leftOut: [{ path: "vendor", why: "it is a submodule" }],
  files: [
    { kind: "file", path: "a", content: Buffer.from("new"), executable: false },
    { kind: "link", path: "l", target: "a" },
  ],
};

/** A worker's machine whose importer brings the same files each time; `imports` counts. */
function machine(imported = IMPORTED) {
  const seen = { imports: 0 };
  const clone: Importer["clone"] = async () => {
    seen.imports += 1;
    return imported;
  };
  const importer: Importer = { clone, unpack: () => clone({ url }, undefined as never) };
  const unused = () => {
    throw new Error("An import needs nothing else.");
  };
  const computer: Computer = { ripgrep: "", checkout: unused, start: unused, importer };
  return { seen, computer };
}

test("a project is made in one snapshot that says where it came from", async () => {
  const workspace = await ToolWorkspace.of({});
  const { computer } = machine();
  const result = await workspace.run(
    importRepository,
    { project: "app", repository: url },
    computer,
  );
  expect(toStructured(result)).toMatchObject({ snapshot: 1, files: 2, bytes: 3, written: 2 });
  expect(toText(result)).toBe(
    [
      "2 files of 3 bytes (git, commit 0123456789abcdef0123456789abcdef01234567). Snapshot 1 of app has them: 2 written, 0 removed.",
      '  ! "vendor" stays out: it is a submodule',
    ].join("\n"),
  );
  expect(await filesOf(workspace, "app")).toEqual({ a: "new", l: "-> a" });
  const [made] = await workspace.projects().history("app", { limit: 9 });
  expect(made?.message).toBe(`import_repository ${url} at ${IMPORTED.commit}`);
});

test("a project that was deleted is made anew, and its numbers go on", async () => {
  const workspace = await ToolWorkspace.of({ app: { old: "1" } });
  await workspace.projects().delete("app");
  const { computer } = machine();
  const result = await workspace.run(
    importRepository,
    { project: "app", repository: url },
    computer,
  );
  expect(toStructured(result)).toMatchObject({ snapshot: 3 });
  expect(await filesOf(workspace, "app")).toEqual({ a: "new", l: "-> a" });
});

test("somebody else who makes the project meanwhile is first, and nothing of theirs is lost", async () => {
  const workspace = await ToolWorkspace.of({});
  const { computer } = machine();
  const checkpoint = async () => {
    await workspace.push("app", { a: "theirs" });
  };
  const lost = await workspace.run(
    importRepository,
    { project: "app", repository: url },
    computer,
    {
      checkpoint,
    },
  );
  expect([lost.isError, toText(lost)]).toEqual([true, "There is a project app already."]);
  expect(await filesOf(workspace, "app")).toEqual({ a: "theirs" });
});

test("a run that is made again behind its commit tells the first one's result and imports nothing", async () => {
  const workspace = await ToolWorkspace.of({});
  const { computer, seen } = machine();
  let kept: Json | undefined;
  const checkpoint = async (state: Json) => {
    kept = structuredClone(state);
  };
  const input = { project: "app", repository: url };
  const first = await workspace.run(importRepository, input, computer, { checkpoint });
  const projects = workspace.projects();
  // As the store finds it for a worker that holds the job.
  const committed = async (project: string, after: number) => {
    expect([project, after]).toEqual(["app", 0]);
    return projects.open(project);
  };
  const again = await workspace.run(importRepository, input, computer, {
    projects: Object.assign(projects, { committed }),
    ...(kept !== undefined && { resumed: kept }),
  });
  expect(again).toEqual(first);
  expect([seen.imports, workspace.commits]).toEqual([1, ["app 1"]]);
});

test.each([
  [{ project: "app" }, "Say from where: pass either repository or upload."],
  [
    { project: "app", repository: url, upload: "upload_1" },
    "Say from where: pass either repository or upload.",
  ],
  [{ project: "../app", repository: url }, '"../app" is no project name'],
  [{ project: "app", repository: url, folder: "../x" }, "can't be used"],
])("%j is refused", async (input, said) => {
  const workspace = await ToolWorkspace.of({});
  const { computer, seen } = machine();
  const result = await workspace.run(importRepository, input, computer);
  expect([result.isError, toText(result)]).toEqual([true, expect.stringContaining(said)]);
  expect(seen.imports).toBe(0);
});

test("who may only read makes no project", async () => {
  const workspace = await ToolWorkspace.of({});
  const projects = workspace.projects({ scopes: new Set(["read"]) });
  const { computer } = machine();
  const refused = workspace.run(importRepository, { project: "app", repository: url }, computer, {
    projects,
  });
  await expect(refused).rejects.toBeInstanceOf(RefusedError);
  expect(await workspace.projects().names()).toEqual([]);
});

test("a server of the user's own folder says that it imports nothing", async () => {
  const workspace = await ToolWorkspace.of({ app: { a: "" } });
  const result = await workspace.run(importRepository, { project: "b", repository: url });
  expect([result.isError, toText(result)]).toEqual([
    true,
    "This server imports nothing: it serves your own folder, on your own machine. Clone or unpack it there yourself.",
  ]);
});

test.each([
  [{ storedBytes: -1e9 }, /^The storage is full: /],
  [{ filesPerProject: 1 }, /^app would have 2 files, and a project may have 1; /],
  [{ projects: 0 }, /^There are 0 projects, and there may be 0\. /],
])("beyond the limits %o nothing is stored", async (lower, text) => {
  const workspace = await ToolWorkspace.of({});
  Object.assign(workspace.limits, lower);
  const input = { project: "app", repository: url };
  const refused = await workspace.run(importRepository, input, machine().computer);
  expect([refused.isError, toText(refused)]).toEqual([true, expect.stringMatching(text)]);
  expect([workspace.packs.keys(), workspace.commits]).toEqual([[], []]);
});
