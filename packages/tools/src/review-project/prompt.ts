import { definePrompt, said } from "@zenode/core";
import { projectArgument } from "../project/prompt-arguments.ts";

export const reviewProject = definePrompt({
  name: "review_project",
  title: "Review a project",
  description: "Reviews a pushed project: what it is, how it is built, and what to mend first.",
  arguments: {
    project: projectArgument,
    focus: { description: "What to look at above all, e.g. security, tests, naming." },
  },
  scope: "read",
  build: async ({ project = "", focus }, { projects }) => {
    const { number } = await projects.open(project);
    const above = focus ? ` Look at ${focus} above all.` : "";
    return [
      said(
        `Review the project "${project}" (snapshot ${number}).${above}

1. Get an overview: workspace_report for its size and languages, list_directory for its layout, read_file for its README and manifests.
2. Read the code that carries the design, not every file; use search_files to find it.
3. Answer with: what the project is for and how its parts work together; what is well made; then the faults, the worst first, each with file and line, why it matters and how to mend it.

Say only what you have read. Where you are not sure, say so.`,
      ),
    ];
  },
});
