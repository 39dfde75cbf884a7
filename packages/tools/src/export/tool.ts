import { defineTool, MIB, MINUTE, RefusedError } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

/** Reading, compressing and storing, on the part of a core that a Lambda of 1,024 MB has. */
const MS_PER_FILE = 0.2;
const MS_PER_MIB = 120;

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
    weigh: async ({ project }, context) => {
      try {
        const { chooseProject } = await import("../project/choose-project.ts");
        const { files, bytes } = await chooseProject(context, project);
        return files * MS_PER_FILE + (bytes / MIB) * MS_PER_MIB;
      } catch (error) {
        // A project that can't be opened is told where it costs least.
        if (error instanceof RefusedError) return 0;
        throw error;
      }
    },
  },
  limits: { timeoutMs: 14 * MINUTE },
  load: async () => (await import("./run.ts")).run,
});
