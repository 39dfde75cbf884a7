import { type PastSnapshot, structured, type ToolContext } from "@zenode/core";
import { chooseName } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { HistoryInput } from "./input.ts";
import { type PathChangeAt, pathHistory } from "./path-history.ts";

type Line = { readonly snapshot: PastSnapshot; readonly change?: PathChangeAt["change"] };

/** Characters; all of it stands in the structured part. */
const SHOWN_OF_MESSAGE = 200;

export const run = refusalToFailure<HistoryInput>(async (input, context) => {
  const project = await chooseName(context, input.project);
  const { before, limit } = input;
  const path = input.path === undefined ? undefined : toPath(input.path);
  const found =
    path === undefined
      ? await wholeHistory()
      : await pathHistory(context, { project, path, before, limit });
  if (found.changes.length === 0) await checkProject(context, project);
  const snapshots = found.changes.map(toAnswer);
  const next = found.before;
  return structured(
    { project, snapshots, ...(next !== undefined && { before: next }) },
    describe(found, path, before),
  );

  async function wholeHistory(): Promise<{ changes: readonly Line[]; before?: number }> {
    const page = { limit: limit + 1, ...(before !== undefined && { before }) };
    const all = await context.projects.history(project, page);
    const changes = all.slice(0, limit).map((snapshot) => ({ snapshot }));
    const last = changes.at(-1)?.snapshot.number;
    return { changes, ...(all.length > limit && last !== undefined && { before: last }) };
  }
});

/** @throws RefusedError `not_found`, which opening tells best. */
async function checkProject({ projects }: ToolContext, project: string): Promise<void> {
  const [newest] = await projects.history(project, { limit: 1 });
  if (!newest) await projects.open(project);
}

function toAnswer({ snapshot, change }: Line) {
  const { number, createdAt, author, message, files, bytes, deleted } = snapshot;
  return {
    ...{ snapshot: number, created_at: new Date(createdAt).toISOString(), author, message },
    ...{ files, bytes },
    ...(deleted && { deleted }),
    ...(change && { change }),
  };
}

function describe(
  { changes, before: next }: { readonly changes: readonly Line[]; readonly before?: number },
  path: string | undefined,
  before: number | undefined,
): string {
  const lines = changes.map(describeLine);
  if (changes.length === 0) {
    const where = before === undefined ? "" : ` before snapshot ${before}`;
    lines.push(path === undefined ? `Nothing is kept${where}.` : `${path} did not change${where}.`);
  }
  if (next !== undefined)
    lines.push(`Looked back to snapshot ${next}; go on with before: ${next}.`);
  return lines.join("\n");
}

function describeLine({ snapshot, change }: Line): string {
  const { number, createdAt, author, message, files, bytes, deleted } = snapshot;
  const what = deleted ? "project deleted" : `${files} files, ${bytes} bytes`;
  const parts = [`${number}  ${new Date(createdAt).toISOString()}  ${author}`];
  if (change) parts.push(change);
  const said = message.replaceAll(/\s+/g, " ").trim().slice(0, SHOWN_OF_MESSAGE);
  parts.push(said || "(no message)", `(${what})`);
  return parts.join("  ");
}
