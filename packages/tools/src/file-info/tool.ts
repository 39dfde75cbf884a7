import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

export const fileInfo = defineTool({
  name: "file_info",
  title: "File info",
  description:
    "Tells what lies at a path: a file (bytes, SHA-256, executable, text or binary, lines, line ends), a link (its target) or a directory (how much is directly in it).",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    path: z.string(),
    kind: z.enum(["file", "link", "directory"]),
    bytes: z.int().optional(),
    sha256: z.string().optional(),
    executable: z.boolean().optional(),
    mime_type: z.string().optional(),
    content: z.enum(["text", "binary", "not_utf8"]).optional(),
    lines: z.int().optional(),
    line_ends: z.enum(["lf", "crlf", "mixed", "none"]).optional(),
    final_newline: z.boolean().optional(),
    target: z.string().optional(),
    files: z.int().optional(),
    links: z.int().optional(),
    directories: z.int().optional(),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
