import { expect, test } from "vitest";
import { describeTool, summarizeTool } from "./describe-tool.ts";

const tool = {
  name: "edit_file",
  title: "Edit file",
  description: "Replaces text.",
  inputSchema: {
    properties: {
      path: { type: "string", description: "Path inside the project." },
      edits: {
        type: "array",
        items: { type: "object", properties: { old: {}, all: {} }, required: ["old"] },
      },
      glob: { type: "array", items: { type: "string" } },
      mode: { enum: ["keep", "drop"], default: "keep" },
      dry_run: { type: "boolean", default: false, description: "Only tell." },
    },
    required: ["path", "edits"],
  },
};

test("a summary tells what may be left out", () => {
  expect(summarizeTool(tool)).toBe(
    "edit_file            Edit file\n                     --path --edits [--glob] [--mode] [--dry_run]",
  );
});

test("a description tells each argument's form, default and meaning", () => {
  expect(describeTool(tool).split("\n")).toEqual([
    "edit_file",
    "  Replaces text.",
    "",
    "  --path <string> (required)",
    "      Path inside the project.",
    `  --edits '[{"old": …, ["all": …]}, …]' (required)`,
    "  --glob <string>, may be repeated",
    '  --mode keep|drop (default: "keep")',
    "  --dry_run <boolean> (default: false)",
    "      Only tell.",
  ]);
});

test("a tool without arguments and without words has a name", () => {
  expect(describeTool({ name: "whoami", inputSchema: {} })).toBe("whoami\n  \n");
});
