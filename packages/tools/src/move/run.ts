import { findEntry, RefusedError, structured } from "@zenode/core";
import { changed } from "../project/changed.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { MoveInput } from "./input.ts";

export const run = refusalToFailure<MoveInput>(async (input, context) => {
  const base = await openProject(context, input.project);
  const [source, destination] = [toPath(input.source), toPath(input.destination)];
  const { kind } = await base.entry(source);
  if (source === "") throw new RefusedError("invalid_input", "The root can't be moved.");
  if (`${destination}/`.startsWith(`${source}/`)) {
    throw new RefusedError("invalid_input", `${source} can't be moved into itself.`);
  }
  const there = await findEntry(base, destination);
  if (there) {
    throw new RefusedError(
      "invalid_input",
      `There is a ${there.kind} at ${destination || "the root"} already. Choose another destination, or delete it first.`,
    );
  }
  const after = await context.projects.change(
    base,
    [
      { kind: "copy", from: source, path: destination },
      { kind: "absent", path: source },
    ],
    `move ${source} to ${destination}`,
  );
  return structured(
    { ...changed(after), source, destination },
    `Moved the ${kind} ${source} to ${destination} in snapshot ${after.number} of ${after.project}.`,
  );
});
