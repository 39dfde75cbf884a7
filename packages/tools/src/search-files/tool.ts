import { defineTool, MINUTE } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { projectBasis } from "../project/project-basis.ts";
import { projectWork } from "../project/project-work.ts";
import { input } from "./input.ts";

/**
 * What a search takes in Lambda, roughly, with nothing in memory: 10,000 files of 29 MiB take 0.6 to 0.8 s of a whole
 * core, 2 s by a pattern that no text is part of.
 */
const PACE = { msPerFile: 0.08, msPerMib: 30 };

export const searchFiles = defineTool({
  name: "search_files",
  title: "Search files",
  description:
    "Searches the text of a project's files for a regular expression, like grep -rn: answers path:line:text, sorted by path. Skips binary files. Narrow it with path and glob; says when there are more matches than shown.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    matches: z.array(z.object({ path: z.string(), line: z.int(), text: z.string() })),
    truncated: z.boolean(),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: {
    kind: "auto",
    weigh: projectWork(PACE),
  },
  limits: { timeoutMs: 10 * MINUTE },
  basis: projectBasis,
  load: async () => (await import("./run.ts")).run,
});
