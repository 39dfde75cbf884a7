import { expect, test } from "vitest";
import { type Files, MemoryWorkspace, makePrincipal } from "../testing/workspace-memory.ts";
import { parseFileUri, toFileUri } from "./file-uri.ts";
import { workspaceFiles } from "./workspace-files.ts";

async function contextOf(projects: Readonly<Record<string, Files>>) {
  const workspace = new MemoryWorkspace();
  for (const [name, files] of Object.entries(projects)) await workspace.push(name, files);
  return { workspace, principal: makePrincipal(), projects: workspace.projects() };
}

const TREE: Files = {
  "a.txt": "a",
  "a/deep/x.md": "# x",
  "a/b.ts": "b",
  z: "z",
  link: { link: "a.txt" },
};

test("a listing pages through all projects in one order, whatever the size of a page", async () => {
  const context = await contextOf({ beta: { one: "1", two: "2" }, alpha: TREE });
  for (const size of [1, 2, 3, 100]) {
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await workspaceFiles.list(context, after, size);
      expect(page.resources.length).toBeLessThanOrEqual(size);
      seen.push(...page.resources.map(({ uri }) => uri));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual([
      "zenode://alpha/a/b.ts",
      "zenode://alpha/a/deep/x.md",
      "zenode://alpha/a.txt",
      "zenode://alpha/z",
      "zenode://beta/one",
      "zenode://beta/two",
    ]);
  }
});

test("a page goes on behind a file that a push has removed in between", async () => {
  const context = await contextOf({ app: { "a/1": "1", "a/2": "2", b: "3" } });
  const { next } = await workspaceFiles.list(context, undefined, 1);
  await context.workspace.push("app", { "a/0": "0", b: "3", c: "4" });
  const { resources } = await workspaceFiles.list(context, next, 10);
  expect(resources.map(({ uri }) => uri)).toEqual(["zenode://app/b", "zenode://app/c"]);
});

test("what is listed says its type, its size and when it was at least there", async () => {
  const context = await contextOf({ app: { "src/read me.MD": "# hi" } });
  const { resources } = await workspaceFiles.list(context, undefined, 10);
  expect(resources).toEqual([
    {
      uri: "zenode://app/src/read%20me.MD",
      name: "app/src/read me.MD",
      title: "read me.MD",
      mimeType: "text/markdown",
      size: 4,
      annotations: { audience: ["user", "assistant"], lastModified: "2026-09-21T14:13:20.000Z" },
    },
  ]);
});

test.each(["%", "app", "app/..%2Fx", "APP%2Fx", "%2F", "app%2F"])(
  "a cursor that never was one is refused: %s",
  async (cursor) => {
    const context = await contextOf({ app: TREE });
    await expect(workspaceFiles.list(context, cursor, 10)).rejects.toMatchObject({
      code: "invalid_input",
    });
  },
);

test("text comes as text, anything else as base64", async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251);
  const context = await contextOf({
    app: { "a.ts": "let ü;", logo: bytes, latin: Uint8Array.of(0xfc) },
  });
  expect(await workspaceFiles.read(context, "zenode://app/a.ts")).toEqual({
    uri: "zenode://app/a.ts",
    mimeType: "text/x-typescript",
    text: "let ü;",
  });
  const blob = await workspaceFiles.read(context, "zenode://app/logo");
  expect(blob).toMatchObject({ mimeType: "application/octet-stream" });
  expect(Buffer.from("blob" in blob ? blob.blob : "", "base64").equals(bytes)).toBe(true);
  expect(await workspaceFiles.read(context, "zenode://app/latin")).toMatchObject({ blob: "/A==" });
});

test.each([
  ["zenode://app/none", "not_found"],
  ["zenode://other/a.txt", "not_found"],
  ["zenode://app/a", "not_a_file"],
  ["zenode://app/link", "not_a_file"],
  ["zenode://app/a/../a.txt", "not_found"],
  ["zenode://app/%2e%2e/a.txt", "not_found"],
  ["zenode://app/", "not_found"],
  ["zenode://app", "not_found"],
  ["zenode://APP/a.txt", "not_found"],
  ["zenode://app/%ff", "not_found"],
  ["zenode://app/a%00", "not_found"],
  ["file:///etc/passwd", "not_found"],
])("%s is refused as %s", async (uri, code) => {
  const context = await contextOf({ app: TREE });
  await expect(workspaceFiles.read(context, uri)).rejects.toMatchObject({ code });
});

test("a file over the limit is refused, and the refusal says how large it is", async () => {
  const context = await contextOf({ app: { big: "x".repeat(4 * 1024 * 1024 + 1) } });
  await expect(workspaceFiles.read(context, "zenode://app/big")).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringContaining("4194305"),
  });
});

test.each(["a b", "100%41", "what?#", "ü/ß", "a+b&c=d"])("%s survives its address", (path) => {
  expect(parseFileUri(toFileUri({ project: "app", path }))).toEqual({ project: "app", path });
});

test("an address made by {+path} expansion names the same file", () => {
  expect(parseFileUri("zenode://app/what?#")).toEqual({ project: "app", path: "what?#" });
});

const complete = async (variable: string, typed: string, others: Record<string, string> = {}) => {
  const context = await contextOf({ alpha: TREE, alps: { y: "y" } });
  const template = "zenode://{project}/{+path}";
  return workspaceFiles.complete(context, { template, variable, typed, others });
};

test("projects and paths are completed as a shell would", async () => {
  expect(await complete("project", "alp")).toEqual(["alpha", "alps"]);
  expect(await complete("project", "alpa")).toEqual([]);
  expect(await complete("path", "", { project: "alpha" })).toEqual(["a/", "a.txt", "z"]);
  expect(await complete("path", "a", { project: "alpha" })).toEqual(["a/", "a.txt"]);
  expect(await complete("path", "a/d", { project: "alpha" })).toEqual(["a/deep/"]);
  expect(await complete("path", "none/x", { project: "alpha" })).toEqual([]);
  expect(await complete("path", "a")).toEqual([]);
  expect(await complete("path", "../", { project: "alpha" })).toEqual([]);
});
