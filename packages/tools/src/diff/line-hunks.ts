import { structuredPatch } from "diff";

/** Changed lines with unchanged ones around them, as a unified diff has them. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Each begins with a space, `+`, `-` or a backslash. */
  readonly lines: readonly string[];
}

/**
 * Two texts that differ in more lines are not worth the search for the shortest way from one to the other, which
 * takes time in proportion to the square of this: 0.3 s here.
 */
const MOST_EDITS = 2_000;
/** Very long lines make each step slow. */
const SEARCH_MS = 1_000;

/** What makes one text of the other. */
export function lineHunks(before: string, after: string, context: number): readonly Hunk[] {
  if (before === after) return [];
  const limits = { context, maxEditLength: MOST_EDITS, timeout: SEARCH_MS };
  const patch = structuredPatch("", "", before, after, undefined, undefined, limits);
  return patch ? patch.hunks : [replaceMiddle(before, after, context)];
}

/** All between the lines that both begin and end with, as one change. */
function replaceMiddle(before: string, after: string, context: number): Hunk {
  const [old, now] = [toLines(before), toLines(after)];
  const most = Math.min(old.length, now.length);
  let start = 0;
  while (start < most && old[start] === now[start]) start++;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const from = Math.max(0, start - context);
  const rest = Math.max(0, end - context);
  const lines = [
    ...old.slice(from, start).map((line) => ` ${line}`),
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...now.slice(start, now.length - end).map((line) => `+${line}`),
    ...old.slice(old.length - end, old.length - rest).map((line) => ` ${line}`),
  ];
  return {
    oldStart: from + 1,
    oldLines: old.length - rest - from,
    newStart: from + 1,
    newLines: now.length - rest - from,
    lines: lines.flatMap((line) =>
      line.endsWith("\n") ? [line.slice(0, -1)] : [line, NO_NEWLINE],
    ),
  };
}

const NO_NEWLINE = "\\ No newline at end of file";

/** With their ends, so that a last line without one is another than one with it. */
function toLines(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => `${line}\n`);
  const last = lines.pop()?.slice(0, -1);
  return last ? [...lines, last] : lines;
}
