import {
  type FormRequest,
  type ProjectSummary,
  RefusedError,
  structured,
  type ToolContext,
  type ToolResult,
} from "@zenode/core";
import type { StorageUse } from "@zenode/core/storage";
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
  const storage = await projects.storage(all);
  const limits = storage && toLimits(all, storage);
  const answer = {
    projects: all.map(({ name, snapshot, files, bytes, updatedAt }) => ({
      ...{ name, snapshot, files, bytes },
      updated_at: new Date(updatedAt).toISOString(),
      ...toKept(storage?.kept.get(name)),
    })),
    ...(isThere && chosen !== undefined && { chosen }),
    ...(limits && { limits }),
  };
  const lines = all.map((project) => describeProject(project, chosen));
  if (lines.length === 0) {
    lines.push("There is no project yet. Push one with `zenode push`, or create one here.");
  }
  return structured(answer, [...lines, ...(limits ? [describeLimits(limits)] : [])].join("\n"));
}

type Limits = Readonly<Record<string, { readonly used: number; readonly most: number }>>;

function toLimits(all: readonly ProjectSummary[], storage: StorageUse): Limits {
  return {
    stored_bytes: { used: storage.usedBytes, most: storage.storedBytes },
    projects: { used: all.length, most: storage.projects },
    files_per_project: {
      used: Math.max(0, ...all.map(({ files }) => files)),
      most: storage.filesPerProject,
    },
    snapshots_per_project: {
      used: Math.max(0, ...[...storage.kept.values()].map(({ snapshots }) => snapshots)),
      most: storage.snapshotsPerProject,
    },
  };
}

function toKept(kept: { readonly bytes: number; readonly snapshots: number } | undefined) {
  return kept && { stored_bytes: kept.bytes, snapshots: kept.snapshots };
}

function describeLimits(limits: Limits): string {
  const told = Object.entries(limits).map(
    ([name, { used, most }]) => `${name.replaceAll("_", " ")} ${used} of ${most}`,
  );
  return `Storage, old snapshots included: ${told.join(", ")}.`;
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
