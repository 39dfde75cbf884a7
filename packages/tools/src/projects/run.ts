import {
  type FormRequest,
  type ProjectSummary,
  RefusedError,
  structured,
  type ToolContext,
  type ToolResult,
} from "@zenode/core";
import { changed } from "../project/changed.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import type { ProjectsInput } from "./input.ts";

export const run = refusalToFailure<ProjectsInput>(async (input, context) => {
  switch (input.action) {
    case "list":
      return list(context);
    case "create": {
      const made = await context.projects.create(nameIn(input));
      const text = `Created ${made.project}, without files, as snapshot ${made.number}.`;
      return structured(changed(made), text);
    }
    case "delete":
      return remove(context, input);
    case "use": {
      const project = nameIn(input);
      await context.projects.prefer(project);
      return structured(
        { project, chosen: project },
        `Calls that name no project mean ${project} now.`,
      );
    }
  }
});

function nameIn({ action, project }: ProjectsInput): string {
  if (project !== undefined) return project;
  throw new RefusedError("invalid_input", `To ${action}, say which: pass project.`);
}

async function list({ projects }: ToolContext): Promise<ToolResult> {
  const all = await projects.list();
  // With one project there is nothing to choose.
  const chosen = all.length > 1 ? await projects.preferred() : undefined;
  const isThere = all.some(({ name }) => name === chosen);
  const answer = {
    projects: all.map(({ name, snapshot, files, bytes, updatedAt }) => ({
      ...{ name, snapshot, files, bytes },
      updated_at: new Date(updatedAt).toISOString(),
    })),
    ...(isThere && chosen !== undefined && { chosen }),
  };
  const lines = all.map((project) => describeProject(project, chosen));
  return structured(
    answer,
    lines.length > 0
      ? lines.join("\n")
      : "There is no project yet. Push one with `zenode push`, or create one here.",
  );
}

function describeProject(
  { name, snapshot, files, bytes, updatedAt }: ProjectSummary,
  chosen: string | undefined,
): string {
  const when = new Date(updatedAt).toISOString();
  const mark = name === chosen ? " (chosen)" : "";
  return `${name}${mark}: ${files} files, ${bytes} bytes, snapshot ${snapshot} of ${when}`;
}

async function remove(context: ToolContext, input: ProjectsInput): Promise<ToolResult> {
  const { project, number } = await context.projects.open(nameIn(input));
  if (!(await isConfirmed(context, project, input.confirm))) {
    throw new RefusedError(
      "invalid_input",
      `Nothing was deleted. To delete ${project} with everything in it, pass confirm: ${project}.`,
    );
  }
  const gone = await context.projects.delete(project);
  return structured(
    changed(gone),
    `Deleted ${project} in snapshot ${gone.number}. While snapshot ${number} is kept, restore brings it back.`,
  );
}

/** The user is asked where the client can; else the model says it twice. */
async function isConfirmed(
  { ask }: ToolContext,
  project: string,
  confirm: string | undefined,
): Promise<boolean> {
  if (confirm !== undefined) return confirm === project;
  try {
    const { content } = await ask(question(project));
    return content.delete === true;
  } catch (error) {
    if (error instanceof RefusedError && error.code === "cannot_ask") return false;
    throw error;
  }
}

function question(project: string): FormRequest {
  const properties = { delete: { type: "boolean", title: `Delete ${project}`, default: false } };
  return {
    method: "elicitation/create",
    params: {
      message: `Delete the project ${project} with everything in it?`,
      requestedSchema: { type: "object", properties, required: ["delete"] },
    },
  };
}
