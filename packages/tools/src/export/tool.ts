import { defineTool, MINUTE } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { projectWork } from "../project/project-work.ts";
import { input } from "./input.ts";

/** Reading, compressing and storing. */
const PACE = { msPerFile: 0.2, msPerMib: 120 };

export const exportProject = defineTool({
  name: "export",
  title: "Export project",
  description:
    "Makes an archive (tar.gz or zip) of all files of a project, links and executable modes kept, and gives an address where anybody who knows it can download it by HTTP GET for an hour. import_repository takes such an archive again.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    url: z.string(),
    file_name: z.string(),
    bytes: z.int(),
    files: z.int(),
    expires_at: z.string().describe("ISO 8601."),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: {
    kind: "auto",
    weigh: projectWork(PACE),
  },
  limits: { timeoutMs: 14 * MINUTE },
  load: async () => (await import("./run.ts")).run,
});
