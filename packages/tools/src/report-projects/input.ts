import type { OutputOf } from "@zenode/core";
import * as z from "zod";

export const input = z.object({
  projects: z
    .array(z.string())
    .min(1)
    .max(1000)
    .optional()
    .describe("Names of the projects. All of them when left out."),
});

export type ReportProjectsInput = OutputOf<typeof input>;
