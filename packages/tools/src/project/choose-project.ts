import { type ProjectSummary, RefusedError, type Snapshot, type ToolContext } from "@zenode/core";

/**
 * The project that a call means: the one it names, else the only one there is, else the one the user chose.
 * @throws RefusedError `not_found`, `invalid_input`; the text names the choices.
 */
export async function chooseProject(
  context: ToolContext,
  name: string | undefined,
): Promise<ProjectSummary> {
  const all = await context.projects.list();
  const names = all.map((project) => project.name);
  const chosen = name ?? (await chooseAmong(context, names));
  const project = all.find((each) => each.name === chosen);
  if (project) return project;
  throw new RefusedError(
    "not_found",
    names.length === 0
      ? NO_PROJECT
      : `There is no project ${chosen}. There are: ${names.join(", ")}.`,
  );
}

const NO_PROJECT =
  "There is no project yet. Push one with `zenode push`, or make one with the tool projects.";

async function chooseAmong({ projects }: ToolContext, names: readonly string[]): Promise<string> {
  const [only] = names;
  if (only === undefined) throw new RefusedError("not_found", NO_PROJECT);
  if (names.length === 1) return only;
  const preferred = await projects.preferred();
  if (preferred !== undefined && names.includes(preferred)) return preferred;
  throw new RefusedError("invalid_input", `Say which project: pass one of ${names.join(", ")}.`);
}

/** The name alone, as `chooseProject`; one that is given is not looked for. */
export async function chooseName(context: ToolContext, name: string | undefined): Promise<string> {
  return name ?? chooseAmong(context, await context.projects.names());
}

/** Opens the newest snapshot of the project that a call means; see `chooseProject`. */
export async function openProject(
  context: ToolContext,
  name: string | undefined,
): Promise<Snapshot> {
  // A name saves the list: opening says itself what exists.
  return context.projects.open(await chooseName(context, name));
}
