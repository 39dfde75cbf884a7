import { completePath, completeProject, type PromptArgument } from "@zenode/core";

/** Arguments that several prompts share. */
export const projectArgument: PromptArgument = {
  description: "Name of the project.",
  required: true,
  complete: ({ projects }, typed) => completeProject(projects, typed),
};

export const fileArgument: PromptArgument = {
  description: "Path of the file inside the project.",
  required: true,
  complete: ({ projects }, typed, { project }) => completePath(projects, project, typed),
};
