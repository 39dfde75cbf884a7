import { defineTool, type OutputOf, SECOND } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument, READ_ONLY } from "../project/arguments.ts";

const input = z.object({
  project: projectArgument,
  path: pathArgument,
  start_line: z.int().min(1).optional().describe("First line to give, counted from 1."),
  end_line: z.int().min(1).optional().describe("Last line to give, this one included."),
});

export type ReadFileInput = OutputOf<typeof input>;

export const readFile = defineTool({
  name: "read_file",
  title: "Read file",
  description:
    "Gives the text of a file as it is, whole or a range of lines. One answer holds at most 256 KiB; when it stops early it says so, and which start_line goes on. Binary files are refused.",
  input,
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
