import {
  type FileChange,
  type PastSnapshot,
  RefusedError,
  structured,
  type ToolContext,
} from "@zenode/core";
import { type Compared, differences } from "@zenode/core/compare";
import { changed } from "../project/changed.ts";
import { chooseName } from "../project/choose-project.ts";
import { checkPath, describeChanges, listChanges, toPathChanges } from "../project/path-changes.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { RestoreInput } from "./input.ts";

export const run = refusalToFailure<RestoreInput>(async (input, context) => {
  const project = await chooseName(context, input.project);
  const path = toPath(input.path);
  const old = await openOld(context, project, input.snapshot);
  const head = await openHead(context, project);
  await checkPath(path, [old, head]);
  const compared = { from: head, to: old, path };
  const changes = await listChanges(compared);
  const { dry_run } = input;
  const after = dry_run ? head : await commit();
  const what = `${path || project} to snapshot ${old.number}`;
  const isSame = changes.length === 0 && !head.deleted;
  return structured(
    { ...changed(after), ...toPathChanges(changes), restored: old.number, dry_run },
    isSame
      ? `${path || project} is already as it was in snapshot ${old.number}.`
      : `${dry_run ? "Would restore" : "Restored"} ${what}${dry_run ? "; nothing was written" : `, in snapshot ${after.number} of ${project}`}.\n${describeChanges(changes)}`,
  );

  async function commit() {
    const message =
      path === ""
        ? `restore snapshot ${old.number}`
        : `restore ${path} from snapshot ${old.number}`;
    return context.projects.change(head, await toFileChanges(compared, old), message);
  }
});

/** The fewest places: a directory that only one of the two has comes or goes as a whole. */
async function toFileChanges(compared: Compared, old: PastSnapshot): Promise<FileChange[]> {
  const changes: FileChange[] = [];
  for await (const { path, after } of differences(compared)) {
    changes.push(
      after ? { kind: "copy", path, from: path, snapshot: old } : { kind: "absent", path },
    );
  }
  return changes;
}

async function openOld(
  { projects }: ToolContext,
  project: string,
  number: number,
): Promise<PastSnapshot> {
  const old = await projects.openAt(project, number);
  if (!old.deleted) return old;
  throw new RefusedError(
    "invalid_input",
    `With snapshot ${number} ${project} was deleted. Restore an older one; history lists them.`,
  );
}

/** The newest, be it a deletion. @throws RefusedError `not_found`. */
async function openHead({ projects }: ToolContext, project: string): Promise<PastSnapshot> {
  const [head] = await projects.history(project, { limit: 1 });
  if (head) return head;
  throw new RefusedError("not_found", `There is no project ${project}.`);
}
