import { entriesAfter, joinPath, type ListedEntry, structured } from "@zenode/core";
import { parseGlob, rootOfGlob } from "../glob/parse-glob.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { FindFilesInput } from "./input.ts";

export const run = refusalToFailure<FindFilesInput>(async (input, context) => {
  const snapshot = await openProject(context, input.project);
  const directory = toPath(input.path);
  const matches = parseGlob(input.glob);
  const base = directory === "" ? 0 : directory.length + 1;
  const found: ListedEntry[] = [];
  let hasMore = false;
  const below = rootOfGlob(input.glob);
  const root = below === "" ? directory : joinPath(directory, below);
  const place = { directory, enters: (path: string) => isOnTheWay(path, root) };
  for await (const entry of entriesAfter(snapshot, toPath(input.after), place)) {
    context.signal.throwIfAborted();
    if (!isOfKind(entry, input.kind) || !matches(entry.path.slice(base))) continue;
    hasMore = found.length === input.max_results;
    if (hasMore) break;
    found.push(entry);
  }
  const paths = found.map(({ kind, path }) => (kind === "directory" ? `${path}/` : path));
  const next = hasMore ? found.at(-1)?.path : undefined;
  const { project, number } = snapshot;
  return structured(
    { project, snapshot: number, paths, ...(next !== undefined && { next }) },
    [...describe(paths), ...describeRest(next, paths.length)].join("\n"),
  );
});

/** Whether a directory is `root`, or above or below it. */
function isOnTheWay(directory: string, root: string): boolean {
  return root === "" || `${root}/`.startsWith(`${directory}/`) || directory.startsWith(`${root}/`);
}

function isOfKind({ kind }: ListedEntry, wanted: FindFilesInput["kind"]): boolean {
  return wanted === undefined ? kind !== "directory" : kind === wanted;
}

function describe(paths: readonly string[]): readonly string[] {
  return paths.length === 0 ? ["Nothing found."] : paths;
}

function describeRest(next: string | undefined, shown: number): readonly string[] {
  if (next === undefined) return [];
  return [`… only the first ${shown}; go on with after=${JSON.stringify(next)}.`];
}
