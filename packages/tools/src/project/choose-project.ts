import { type ProjectSummary, RefusedError, type Snapshot, type ToolContext } from "@zenode/core";

/**
 * The project that a call means: the one it names, else the only one there is.
 * @throws RefusedError `not_found`, `invalid_input`; the text names the choices.
 */
export async function chooseProject(
  context: ToolContext,
  name: string | undefined,
): Promise<ProjectSummary> {
  const all = await context.projects.list();
  const chosen = chooseName(
    all.map((project) => project.name),
    name,
  );
  return all.find((project) => project.name === chosen) as ProjectSummary;
}

function chooseName(names: readonly string[], name: string | undefined): string {
  const [only] = names;
  if (only === undefined) {
    throw new RefusedError("not_found", "There is no project yet. Push one with `zenode push`.");
  }
  if (name === undefined) {
    if (names.length === 1) return only;
    throw new RefusedError("invalid_input", `Say which project: pass one of ${names.join(", ")}.`);
  }
  if (names.includes(name)) return name;
  throw new RefusedError(
    "not_found",
    `There is no project ${name}. There are: ${names.join(", ")}.`,
  );
}

/** Opens the newest snapshot of the project that a call means; see `chooseProject`. */
export async function openProject(
  context: ToolContext,
  name: string | undefined,
): Promise<Snapshot> {
  // A name saves the list: opening says itself what exists.
  if (name !== undefined) return context.projects.open(name);
  return context.projects.open(chooseName(await context.projects.names(), name));
}
