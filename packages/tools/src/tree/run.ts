import { type JsonObject, structured } from "@zenode/core";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import { type Branch, type Counts, type Directory, growTree, isDirectory } from "./grow-tree.ts";
import type { TreeInput } from "./input.ts";

export const run = refusalToFailure<TreeInput>(async (input, context) => {
  const snapshot = await openProject(context, input.project);
  const { depth, files, max_lines: maxLines } = input;
  const path = toPath(input.path);
  const top = await growTree(snapshot, { path, depth, files, maxLines });
  const branches = [...below(top)];
  const truncated = branches.some(({ branch }) => isDirectory(branch) && isCut(branch, files));
  const { project, number } = snapshot;
  const entries = branches.map(({ branch }) => toAnswer(branch));
  return structured(
    { project, snapshot: number, path, entries, truncated },
    [...format(top, path === "" ? project : path, files)].join("\n"),
  );
});

/** A directory and all that is shown below it. */
function* below(branch: Branch): Generator<{ readonly branch: Branch }> {
  yield { branch };
  if (isDirectory(branch)) for (const one of branch.shown) yield* below(one);
}

/** Whether something in it could have been shown and was not. */
function isCut({ isOpened, hidden, counts }: Directory, files: boolean): boolean {
  if (isOpened) return total(hidden) > 0;
  return (files ? total(counts) : counts.directories) > 0;
}

function total({ files, links, directories }: Counts): number {
  return files + links + directories;
}

/** Lines; those of what lies in a directory are indented. */
function* format(branch: Branch, name: string, files: boolean): Generator<string> {
  if (!isDirectory(branch)) {
    yield branch.kind === "link" ? `${name} -> ${branch.target}` : `${name} (${branch.bytes})`;
    return;
  }
  const rest = !branch.isOpened && isCut(branch, files) ? " …" : "";
  yield `${name}/ (${describe(branch.counts)})${rest}`;
  for (const one of branch.shown) {
    for (const line of format(one, nameOf(one.path), files)) yield `  ${line}`;
  }
  const hidden = total(branch.hidden);
  if (hidden > 0) yield `  … ${hidden} more (${describe(branch.hidden)})`;
}

function describe({ files, links, directories, bytes }: Counts): string {
  const parts = [
    ...(directories > 0 ? [`${directories} directories`] : []),
    ...(links > 0 ? [`${links} links`] : []),
    ...(files > 0 ? [`${files} files of ${bytes} bytes`] : []),
  ];
  return parts.length === 0 ? "empty" : parts.join(", ");
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function toAnswer(branch: Branch): JsonObject {
  const { path } = branch;
  if (isDirectory(branch)) {
    const { counts, hidden, isOpened } = branch;
    return { path, kind: "directory", ...counts, hidden: total(isOpened ? hidden : counts) };
  }
  if (branch.kind === "link") return { path, kind: branch.kind, target: branch.target };
  return { path, kind: branch.kind, bytes: branch.bytes };
}
