import {
  type JsonObject,
  type PastSnapshot,
  RefusedError,
  SECOND,
  type ToolContext,
  type ToolResult,
} from "@zenode/core";
import type { PathChange } from "@zenode/core/compare";
import { chooseName } from "../project/choose-project.ts";
import { checkPath, describeChange, listChanges, toPathChanges } from "../project/path-changes.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import { type FilePatch, gitPatches } from "./git-patch.ts";
import type { DiffInput } from "./input.ts";
import { PatchText } from "./patch-text.ts";
import { readSides } from "./read-sides.ts";

/** Kept for the answer. */
const RESERVE_MS = 5 * SECOND;
/** Paths that are named because they are not in the text. */
const MOST_NAMED = 20;
/** Paths that are named when there is no text. */
const MOST_LISTED = 300;

interface Compared {
  readonly from: PastSnapshot | undefined;
  readonly to: PastSnapshot;
}

export const run = refusalToFailure<DiffInput>(async (input, context) => {
  const compared = await openBoth(context, input);
  const path = toPath(input.path);
  await checkPath(path, [compared.to, ...(compared.from ? [compared.from] : [])]);
  const changes = await listChanges({ ...compared, path });
  return toResult(compared, changes, await compareLines(context, input, { ...compared, changes }));
});

async function openBoth(context: ToolContext, input: DiffInput): Promise<Compared> {
  const project = await chooseName(context, input.project);
  const { projects } = context;
  const newest = input.to ?? (await projects.open(project)).number;
  const to = await projects.openAt(project, newest);
  if (input.from === 0) return { from: undefined, to };
  if (input.from !== undefined) return { from: await projects.openAt(project, input.from), to };
  const [from] = await projects.history(project, { before: to.number, limit: 1 });
  if (from || to.number === 1) return { from, to };
  throw new RefusedError(
    "not_found",
    `No snapshot before ${to.number} is kept. Pass from; 0 compares with nothing.`,
  );
}

interface Lines {
  /** Absent: it was not asked for. */
  readonly text: string | undefined;
  readonly about: ReadonlyMap<PathChange, JsonObject>;
  readonly added: number;
  readonly removed: number;
  /** Those that are not in the text, or not all of them. */
  readonly leftOut: readonly PathChange[];
}

async function compareLines(
  { clock, deadline }: ToolContext,
  input: DiffInput,
  { from, to, changes }: Compared & { readonly changes: readonly PathChange[] },
): Promise<Lines> {
  const text = input.stat_only ? undefined : new PatchText(input.max_lines);
  const about = new Map<PathChange, JsonObject>();
  const whole = new Set<PathChange>();
  let [added, removed] = [0, 0];
  for await (const { change, sides } of readSides(changes, { from, to })) {
    if (clock.now() > deadline - RESERVE_MS) break;
    if (!sides) continue;
    const patches = gitPatches(change, sides, input.context);
    const counts = countLines(patches);
    added += counts.added;
    removed += counts.removed;
    const isBinary = patches.some((patch) => patch.isBinary);
    about.set(change, isBinary ? { binary: true } : { ...counts });
    const fits = text === undefined || text.add(patches);
    if (fits && !isBinary) whole.add(change);
  }
  const leftOut = changes.filter((change) => !whole.has(change));
  return { text: text?.toString(), about, added, removed, leftOut };
}

function countLines(patches: readonly FilePatch[]) {
  const lines = patches.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines));
  return {
    added: lines.filter((line) => line.startsWith("+")).length,
    removed: lines.filter((line) => line.startsWith("-")).length,
  };
}

function toResult(
  { from, to }: Compared,
  changes: readonly PathChange[],
  lines: Lines,
): ToolResult {
  const numbers = { from: from?.number ?? 0, to: to.number };
  const { text, about, added, removed, leftOut } = lines;
  const sum = `${changes.length} files changed, ${added} lines added, ${removed} removed`;
  const parts = [
    [`${to.project}: snapshot ${numbers.from} to ${numbers.to}: ${sum}`, ...notes(changes, lines)],
    ...(text ? [[text]] : []),
  ];
  return {
    content: parts.map((part) => ({ type: "text", text: part.join("\n") })),
    structured: {
      ...{ project: to.project, ...numbers },
      ...toPathChanges(changes, (change) => about.get(change) ?? {}),
      ...{ added, removed, complete: text !== undefined && leftOut.length === 0 },
    },
  };
}

/** Without a text, the paths; with one, those that are not in it. */
function notes(changes: readonly PathChange[], { text, about, leftOut }: Lines): readonly string[] {
  const named = text === undefined ? changes : leftOut;
  const shown = named.slice(0, text === undefined ? MOST_LISTED : MOST_NAMED);
  const list = shown.map((change) => `  ${describeChange(change)}${counted(about.get(change))}`);
  if (named.length > shown.length) list.push(`  … and ${named.length - shown.length} more`);
  if (text === undefined || leftOut.length === 0) return list;
  return ["Not in the text below, or not all of it (pass a path, or more max_lines):", ...list];
}

function counted(about: JsonObject | undefined): string {
  if (!about) return " (not compared)";
  return about.binary === true ? " (binary)" : ` +${about.added} -${about.removed}`;
}
