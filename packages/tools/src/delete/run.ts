import { RefusedError, type Snapshot, structured } from "@zenode/core";
import { changed } from "../project/changed.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { DeleteInput } from "./input.ts";

export const run = refusalToFailure<DeleteInput>(async (input, context) => {
  const base = await openProject(context, input.project);
  const path = toPath(input.path);
  const { kind } = await base.entry(path);
  if (path === "") {
    throw new RefusedError("invalid_input", "The root can't be deleted; delete what is in it.");
  }
  if (kind === "directory" && !input.recursive) {
    throw new RefusedError(
      "invalid_input",
      `${path} is a directory. Set recursive to delete it with everything in it.`,
    );
  }
  const files = kind === "directory" ? await countFiles(base, path) : 1;
  const after = await context.projects.change(base, [{ kind: "absent", path }], `delete ${path}`);
  const what = kind === "directory" ? `${path} with ${files} files` : path;
  return structured(
    { ...changed(after), path, files },
    `Deleted ${what} in snapshot ${after.number} of ${after.project}.`,
  );
});

async function countFiles(snapshot: Snapshot, path: string): Promise<number> {
  let files = 0;
  for await (const _ of snapshot.walk(path)) files++;
  return files;
}
