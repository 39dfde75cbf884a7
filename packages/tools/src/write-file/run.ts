import { type Entry, type FileEntry, findEntry, RefusedError, structured } from "@zenode/core";
import { changed } from "../project/changed.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { WriteFileInput } from "./input.ts";

export const run = refusalToFailure<WriteFileInput>(async (input, context) => {
  const base = await openProject(context, input.project);
  const path = toPath(input.path);
  const before = toFile(path, await findEntry(base, path));
  const executable = input.executable ?? before?.executable ?? false;
  const content = new TextEncoder().encode(input.content);
  const change = { kind: "file", path, content, executable } as const;
  const after = await context.projects.change(base, [change], `write_file ${path}`);
  const bytes = content.length;
  const did = before ? "Replaced" : "Created";
  return structured(
    { ...changed(after), path, bytes, created: before === undefined },
    `${did} ${path} (${bytes} bytes) in snapshot ${after.number} of ${after.project}.`,
  );
});

/** @throws RefusedError `not_a_file`: a directory or link is not replaced by a file unasked. */
function toFile(path: string, before: Entry | undefined): FileEntry | undefined {
  if (before?.kind === "directory") {
    throw new RefusedError("not_a_file", `${path || "The root"} is a directory.`);
  }
  if (before?.kind === "link") {
    throw new RefusedError(
      "not_a_file",
      `${path} is a symbolic link to ${before.target}, which is not followed. Write that file, or delete the link first.`,
    );
  }
  return before;
}
