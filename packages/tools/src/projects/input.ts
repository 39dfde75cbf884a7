import type { OutputOf } from "@zenode/core";
import * as z from "zod";

export const input = z.object({
  action: z
    .enum(["list", "create", "delete", "use"])
    .default("list")
    .describe("use: calls that name no project mean this one from now on."),
  project: z
    .string()
    .optional()
    .describe("Name of the project; for create: 1 to 64 of a-z, 0-9, dot, underscore, hyphen."),
  confirm: z.string().optional().describe("For delete: the project's name once more."),
});

export type ProjectsInput = OutputOf<typeof input>;
