import { definePrompt, said } from "@zenode/core";
import { projectArgument } from "../project/prompt-arguments.ts";

export const findAndFix = definePrompt({
  name: "find_and_fix",
  title: "Find and fix",
  description:
    "Finds the cause of a fault in a pushed project and proposes the smallest change that mends it.",
  arguments: {
    project: projectArgument,
    problem: {
      description: "What goes wrong: a message, a failing test, a wrong result.",
      required: true,
    },
  },
  scope: "read",
  build: async ({ project = "", problem = "" }, { projects }) => {
    const { number } = await projects.open(project);
    return [
      said(
        `In the project "${project}" (snapshot ${number}) this goes wrong:

${problem}

1. Search for its traces with search_files: words of the message, names, the place that raises it.
2. Read what you found and follow it back to the cause; say which line it is, and how you know.
3. Propose the smallest change that mends the cause and not the symptom, as a unified diff, and a test that fails before it and passes after it.

If the cause cannot be told from the files, say what is missing.`,
      ),
    ];
  },
});
