import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

export const history = defineTool({
  name: "history",
  title: "History",
  description:
    "Lists a project's snapshots, newest first: number, time, author, message. With path only those in which that path changed; renames are not followed. Every push and every change by a tool is a snapshot; diff compares two, restore brings one back.",
  input,
  output: z.object({
    project: z.string(),
    snapshots: z.array(
      z.object({
        snapshot: z.int(),
        created_at: z.string().describe("ISO 8601"),
        author: z.string(),
        message: z.string(),
        files: z.int(),
        bytes: z.int(),
        deleted: z.boolean().optional().describe("The project was deleted with it."),
        change: z
          .enum(["added", "modified", "deleted", "oldest"])
          .optional()
          .describe("Of the path. oldest: as it was in the oldest snapshot that is kept."),
      }),
    ),
    before: z.int().optional().describe("There is more: go on with this as `before`."),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
