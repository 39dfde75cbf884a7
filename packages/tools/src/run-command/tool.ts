import { defineTool, MINUTE } from "@zenode/core";
import * as z from "zod";
import { CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

const paths = z.array(z.string());

export const runCommand = defineTool({
  name: "run_command",
  title: "Run command",
  description:
    "Runs a command on a worker, in a copy of the project: a build, tests, a formatter. Its output comes as progress, line by line. Whatever it changes is discarded unless commit says otherwise; files that .gitignore names are never committed. When it ends, so does all that it started.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int().describe("Number of the snapshot it ran in."),
    exit_code: z.int().describe("As a shell tells it: 128 + n where signal n ended it."),
    stopped: z
      .enum(["timeout", "output", "memory", "processes", "disk"])
      .optional()
      .describe("The limit it was ended for."),
    out_of_memory: z.boolean(),
    duration_ms: z.int(),
    output: z.string().describe("Lines of standard error begin with [stderr]."),
    output_bytes: z.int(),
    output_cut: z.boolean(),
    added: paths,
    modified: paths,
    deleted: paths,
    changed_files: z.int().describe("All of them, where lists are cut."),
    left_out: z.array(z.object({ path: z.string(), why: z.string() })),
    committed: z.int().optional().describe("Number of the snapshot that has the changes."),
    conflicts: z.array(z.string()).describe("Changed by others meanwhile; not committed."),
    kept_in: z.string().optional().describe("Project that holds the conflicting files."),
    not_committed: z.string().optional().describe("Why, where a commit was asked for."),
    isolation: z.enum(["namespaces", "user", "none"]),
  }),
  annotations: { ...CHANGES, openWorldHint: true },
  scope: "write",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 58 * MINUTE, cpu: 2048, memoryMb: 4096 },
  load: async () => (await import("./run.ts")).run,
});
