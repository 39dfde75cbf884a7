import { defineTool, MINUTE } from "@zenode/core";
import * as z from "zod";
import { CHANGED, CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const importRepository = defineTool({
  name: "import_repository",
  title: "Import repository",
  description:
    "Makes a project of a public git repository (repository) or of an uploaded archive or git bundle (upload, from prepare_upload), as one snapshot. Takes the files of one commit, without .git, history and submodules. Refuses if the project exists, unless if_exists says otherwise.",
  input,
  output: z.object({
    ...CHANGED,
    source: z.enum(["git", "git bundle", "tar", "zip"]),
    commit: z.string().optional().describe("Of git: id of the commit that was taken."),
    files: z.int().describe("Imported, links included."),
    bytes: z.int(),
    written: z.int().describe("Files that are new or different now."),
    removed: z.int().describe("Files that were there and are not any more."),
    left_out: z
      .array(z.object({ path: z.string(), why: z.string() }))
      .describe("What a project can't have; the first of them."),
    left_out_count: z.int(),
  }),
  annotations: { ...CHANGES, openWorldHint: true },
  scope: "write",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 30 * MINUTE, cpu: 1024, memoryMb: 4096 },
  load: async () => (await import("./run.ts")).run,
});
