import { expect, test } from "vitest";
import { ToolWorkspace, toText } from "../testing/tool-workspace.ts";
import { reportProjects } from "./tool.ts";

const projects = {
  web: { "a.ts": "1\n2\n", "b.md": "# b\n", l: { link: "a.ts" } },
  app: { "c.ts": "3\n", "p.png": Uint8Array.of(0x89, 10, 0, 10) },
  doc: { "d.md": "# d\n\n" },
} as const;

test("reports each project by itself and sums them up", async () => {
  const workspace = await ToolWorkspace.of(projects);
  const result = await workspace.run(reportProjects, {});
  const app = {
    project: "app",
    snapshot: 1,
    files: 2,
    bytes: 6,
    lines: 1,
    links: 0,
    binary_files: 1,
  };
  const doc = {
    project: "doc",
    snapshot: 1,
    files: 1,
    bytes: 5,
    lines: 2,
    links: 0,
    binary_files: 0,
  };
  const web = {
    project: "web",
    snapshot: 1,
    files: 2,
    bytes: 8,
    lines: 3,
    links: 1,
    binary_files: 0,
  };
  expect(result.structured).toEqual({
    totals: { projects: 3, files: 5, bytes: 19, lines: 6, links: 1, binary_files: 1 },
    languages: [
      { language: "Markdown", files: 2, bytes: 9, lines: 3 },
      { language: "TypeScript", files: 2, bytes: 6, lines: 3 },
      { language: "Image", files: 1, bytes: 4, lines: 0 },
    ],
    projects: [app, doc, web],
    failed: [],
  });
  expect(toText(result)).toContain(
    "3 projects: 5 files, 19 bytes, 6 lines, 1 links, 1 binary files.",
  );
  const steps = workspace.progress.filter(([, total]) => total === 3);
  expect(steps).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});

test("reports those that are named, each once", async () => {
  const workspace = await ToolWorkspace.of(projects);
  const result = await workspace.run(reportProjects, { projects: ["web", "doc", "web"] });
  expect(result.structured).toMatchObject({
    totals: { projects: 2, files: 3 },
    projects: [{ project: "doc" }, { project: "web" }],
  });
});

test("names the projects that can't be read, with the reason", async () => {
  const workspace = await ToolWorkspace.of(projects);
  workspace.breakChild = ({ index }) =>
    index === 1
      ? { kind: "error", code: "worker_lost", message: "It stopped 3 times." }
      : undefined;
  const result = await workspace.run(reportProjects, {});
  expect(result).toMatchObject({
    isError: false,
    structured: {
      totals: { projects: 2, files: 4 },
      failed: [{ project: "doc", reason: "It stopped 3 times." }],
    },
  });
  expect(toText(result)).toContain("Without a report:\n  doc: It stopped 3 times.");
});

test.each([
  [
    "a project that is not there",
    projects,
    { projects: ["app", "nope"] },
    /no project nope.*app, doc, web/,
  ],
  ["a workspace without projects", {}, {}, /zenode push/],
])("says what would work for %s", async (_, files, input, message) => {
  const workspace = await ToolWorkspace.of(files);
  const result = await workspace.run(reportProjects, input);
  expect(result.isError).toBe(true);
  expect(toText(result)).toMatch(message);
});
