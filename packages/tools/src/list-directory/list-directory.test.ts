import { expect, test } from "vitest";
import { ToolWorkspace, toText } from "../testing/tool-workspace.ts";
import { listDirectory } from "./tool.ts";

const FILES = {
  "src/a.ts": "aa",
  "src/deep/b.ts": "b",
  "run*": "#!",
  latest: { link: "src/a.ts" },
};

test("shows direct children, sorted, each with what it is", async () => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(listDirectory, {});
  expect(toText(result)).toBe("latest -> src/a.ts\nrun (2 bytes, executable)\nsrc/");
  expect(result.structured).toEqual({
    project: "app",
    snapshot: 1,
    entries: [
      { path: "latest", kind: "link", target: "src/a.ts" },
      { path: "run", kind: "file", bytes: 2, executable: true },
      { path: "src", kind: "directory" },
    ],
    truncated: false,
  });
});

test("goes as deep as it is told", async () => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const list = async (input: object) => toText(await workspace.run(listDirectory, input));
  expect(await list({ path: "src", depth: 2 })).toBe(
    "src/a.ts (2 bytes)\nsrc/deep/\nsrc/deep/b.ts (1 bytes)",
  );
});

test("takes a path as models write it", async () => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const plain = toText(await workspace.run(listDirectory, { path: "src" }));
  for (const path of ["./src", "src/", "./src//", "././src"]) {
    expect(toText(await workspace.run(listDirectory, { path }))).toBe(plain);
  }
  for (const path of ["", ".", "./", "/"]) {
    expect(toText(await workspace.run(listDirectory, { path }))).toMatch(/^latest/);
  }
});

test("stops at 2,000 entries and says so", async () => {
  const files = Object.fromEntries(Array.from({ length: 2_001 }, (_, at) => [`f${at}`, "x"]));
  const workspace = await ToolWorkspace.of({ app: files });
  const result = await workspace.run(listDirectory, {});
  expect(result.structured).toMatchObject({ truncated: true });
  expect(toText(result).split("\n")).toHaveLength(2_001);
  expect(toText(result)).toMatch(/only the first 2000 entries/);
});

test.each([
  [{ path: "nothing" }, /There is no nothing in project app/],
  [{ path: "run" }, /run is a file, not a directory/],
  [{ path: "../x" }, /can't be used/],
  [{ path: "/etc" }, /relative/],
  [{ project: "web" }, /There is no project web. There are: app./],
  [{ project: "../web" }, /no project name/],
])("%j fails in a way the model can mend", async (input, message) => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(listDirectory, input);
  expect(result.isError).toBe(true);
  expect(toText(result)).toMatch(message);
});

test("without a name it asks which of several projects", async () => {
  const workspace = await ToolWorkspace.of({ app: FILES, web: FILES });
  const result = await workspace.run(listDirectory, {});
  expect(result.isError).toBe(true);
  expect(toText(result)).toBe("Say which project: pass one of app, web.");
  const none = await (await ToolWorkspace.of({})).run(listDirectory, {});
  expect(toText(none)).toMatch(/There is no project yet/);
});

test("a failure of the platform is thrown, not answered", async () => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  for (const key of workspace.packs.keys()) workspace.packs.overwrite(key, new Uint8Array(500));
  await expect(workspace.run(listDirectory, {})).rejects.toMatchObject({ code: "corrupt" });
});
