import { expect, test } from "vitest";
import { ToolWorkspace, toText } from "../testing/tool-workspace.ts";
import { listProjects } from "./tool.ts";

test("lists the projects by name, with their sizes", async () => {
  const workspace = await ToolWorkspace.of({ web: { a: "12345" }, app: { a: "1", b: "22" } });
  const result = await workspace.run(listProjects, {});
  const updated_at = "2026-09-21T14:13:20.000Z";
  expect(result.structured).toEqual({
    projects: [
      { name: "app", snapshot: 1, files: 2, bytes: 3, updated_at },
      { name: "web", snapshot: 1, files: 1, bytes: 5, updated_at },
    ],
  });
  expect(toText(result)).toBe(
    `app: 2 files, 3 bytes, snapshot 1 of ${updated_at}\nweb: 1 files, 5 bytes, snapshot 1 of ${updated_at}`,
  );
});

test("says how to begin when there is none", async () => {
  const workspace = await ToolWorkspace.of({});
  expect(toText(await workspace.run(listProjects, {}))).toMatch(/zenode push/);
});
