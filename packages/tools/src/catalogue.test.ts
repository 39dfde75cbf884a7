import { execFileSync } from "node:child_process";
import { ToolRegistry } from "@zenode/core";
import { expect, test } from "vitest";
import { catalogue } from "./index.ts";

test("every tool has its own name and describes its arguments", () => {
  const names = new ToolRegistry(catalogue).list().map(({ name }) => name);
  expect(names).toEqual([
    "apply_patch",
    "delete",
    "diff",
    "edit_file",
    "export",
    "file_info",
    "find_files",
    "history",
    "import_repository",
    "list_directory",
    "move",
    "prepare_upload",
    "projects",
    "read_file",
    "report_projects",
    "restore",
    "run_command",
    "search_files",
    "tree",
    "whoami",
    "workspace_report",
    "write_file",
  ]);
  for (const { input, output } of catalogue) {
    expect(input["~standard"].jsonSchema.input({ target: "draft-2020-12" })).toMatchObject({
      type: "object",
    });
    output?.["~standard"].jsonSchema.output({ target: "draft-2020-12" });
  }
});

test("listing the tools loads no implementation and none of its dependencies", () => {
  // What a fresh process has loaded after it imported the catalogue, by Node's own account.
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    process.stdout.write(loaded.join("\\n"));
  `;
  const args = ["--no-warnings", "--input-type=module", "--eval", script];
  const loaded = execFileSync(process.execPath, args, { encoding: "utf8" }).split("\n");
  expect(loaded.some((url) => url.endsWith("/whoami/tool.ts"))).toBe(true);
  expect(loaded.filter((url) => /\/run\.ts$|re2js|picomatch/.test(url))).toEqual([]);
});
