import { RefusedError } from "../lib/error.ts";
import type { Projects } from "../workspace/projects.ts";

/** Names of projects that begin with what was typed. */
export async function completeProject(
  projects: Projects,
  typed: string,
): Promise<readonly string[]> {
  const names = (await projects.list()).map(({ name }) => name);
  return names.filter((name) => name.startsWith(typed));
}

/**
 * Paths one level further than what was typed, as a shell completes them: directories end with `/`.
 * Without a project, the only one there is, or the one the user chose.
 */
export async function completePath(
  projects: Projects,
  project: string | undefined,
  typed: string,
): Promise<readonly string[]> {
  try {
    const name = project || (await unsaidProject(projects));
    if (name === undefined) return [];
    const snapshot = await projects.open(name);
    const directory = typed.slice(0, Math.max(0, typed.lastIndexOf("/")));
    return (await snapshot.list(directory))
      .filter(({ kind, path }) => kind !== "link" && path.startsWith(typed))
      .map(({ kind, path }) => (kind === "directory" ? `${path}/` : path));
  } catch (error) {
    // Half a name is rarely one that exists: nothing can be completed from there.
    if (error instanceof RefusedError) return [];
    throw error;
  }
}

async function unsaidProject(projects: Projects): Promise<string | undefined> {
  const all = await projects.list();
  return all.length === 1 ? all[0]?.name : projects.preferred();
}
