import type { ToolContext } from "@zenode/core";

/** What a tool's result depends on that reads one project: its newest snapshot. @throws as `openProject`. */
export async function projectBasis(
  { project: name }: { readonly project?: string | undefined },
  context: ToolContext,
): Promise<string> {
  const { openProject } = await import("./choose-project.ts");
  const { project, number } = await openProject(context, name);
  return JSON.stringify([project, number]);
}
