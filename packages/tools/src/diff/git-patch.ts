import type { LeafEntry, PathChange } from "@zenode/core/compare";
import { type Hunk, lineHunks } from "./line-hunks.ts";

/** One file's part of a diff as git writes it (git-diff, "Generating patch text with -p"). */
export interface FilePatch {
  readonly header: readonly string[];
  readonly hunks: readonly Hunk[];
  /** That they differ is all it says. */
  readonly isBinary: boolean;
}

/** What a path held; only where the content is not the same on both sides. */
export interface Side {
  /** A file's text, a link's target. Undefined: bytes that are no text. */
  readonly text: string | undefined;
}

export interface PatchSides {
  readonly before: Side | undefined;
  readonly after: Side | undefined;
}

/** The parts of a diff that one change makes: two where a file became a link or the reverse, else one. */
export function gitPatches(
  change: PathChange,
  { before, after }: PatchSides,
  context: number,
): readonly FilePatch[] {
  if (change.kind === "kind") {
    const [path] = [change.path];
    return [
      toPatch(
        { kind: "deleted", path, before: change.before },
        { before, after: undefined },
        context,
      ),
      toPatch({ kind: "added", path, after: change.after }, { before: undefined, after }, context),
    ];
  }
  return [toPatch(change, { before, after }, context)];
}

function toPatch(change: PathChange, sides: PatchSides, context: number): FilePatch {
  const { before, after } = sides;
  const old = quote(`a/${change.kind === "renamed" ? change.before.path : change.path}`);
  const now = quote(`b/${change.path}`);
  const header = [`diff --git ${old} ${now}`, ...extendedHeader(change)];
  const [from, to] = [before ? old : "/dev/null", after ? now : "/dev/null"];
  if ([before, after].some((side) => side && side.text === undefined)) {
    header.push(`Binary files ${from} and ${to} differ`);
    return { header, hunks: [], isBinary: true };
  }
  const hunks = lineHunks(before?.text ?? "", after?.text ?? "", context);
  if (hunks.length > 0) header.push(`--- ${endName(from)}`, `+++ ${endName(to)}`);
  return { header, hunks, isBinary: false };
}

function extendedHeader(change: PathChange): readonly string[] {
  switch (change.kind) {
    case "added":
      return [`new file mode ${modeOf(change.after)}`];
    case "deleted":
      return [`deleted file mode ${modeOf(change.before)}`];
    case "renamed":
      return [
        ...modeChange(change),
        "similarity index 100%",
        `rename from ${quote(change.before.path)}`,
        `rename to ${quote(change.path)}`,
      ];
    case "modified":
    case "mode":
    case "kind":
      return modeChange(change);
  }
}

function modeChange({ before, after }: { before: LeafEntry; after: LeafEntry }): readonly string[] {
  const [old, now] = [modeOf(before), modeOf(after)];
  return old === now ? [] : [`old mode ${old}`, `new mode ${now}`];
}

function modeOf(leaf: LeafEntry): string {
  if (leaf.kind === "link") return "120000";
  return leaf.executable ? "100755" : "100644";
}

/** As with core.quotePath=false: of what may stand in a name, only the quotation mark needs it. */
function quote(name: string): string {
  return name.includes('"') ? `"${name.replaceAll('"', '\\"')}"` : name;
}

/** What follows a name with white space is told apart by a tab. */
function endName(name: string): string {
  return /\s/.test(name) && !name.startsWith('"') ? `${name}\t` : name;
}

/** `@@ -1,3 +1,4 @@` and its lines; a count of 1 is left out. */
export function hunkLines({
  oldStart,
  oldLines,
  newStart,
  newLines,
  lines,
}: Hunk): readonly string[] {
  return [`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`, ...lines];
}

/** Of no lines, the line before is named. */
function range(start: number, count: number): string {
  if (count === 0) return `${start - 1},0`;
  return count === 1 ? `${start}` : `${start},${count}`;
}
