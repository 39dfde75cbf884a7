import { INLINE_TEXT_BYTES, KIB, RefusedError, type Snapshot, type ToolResult } from "@zenode/core";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { ReadFileInput } from "./input.ts";
import { type FileLines, readHead, readTail } from "./read-lines.ts";

/** Of text in one answer, beside the notes: more would be kept aside, and this tool has pages of its own. */
const MAX_ANSWER_BYTES = INLINE_TEXT_BYTES - KIB;

export const run = refusalToFailure<ReadFileInput>(async (input, context) => {
  if (input.start_line === 0) {
    throw new RefusedError("invalid_input", "start_line counts from 1, or from the end: -1.");
  }
  const snapshot = await openProject(context, input.project);
  const path = toPath(input.path);
  return answer(path, await readWanted(snapshot, path, input), input);
});

/** From the end only where no line's number is needed. */
function readWanted(
  snapshot: Snapshot,
  path: string,
  { start_line: start = 1, end_line: end }: ReadFileInput,
): Promise<FileLines> {
  if (start < 0 && end === undefined) return readTail(snapshot, path, -start);
  const all = { start: 1, end: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
  const some = { start, end: end ?? Number.POSITIVE_INFINITY, bytes: MAX_ANSWER_BYTES };
  return readHead(snapshot, path, start < 0 ? all : some);
}

/** The lines asked for, as far as they fit, and a note when that is not the whole file. */
function answer(
  path: string,
  { lines, first, total }: FileLines,
  input: ReadFileInput,
): ToolResult {
  const { start_line: start = 1, end_line: end } = input;
  const skipped = start < 0 ? Math.max(0, lines.length + start) : 0;
  const last = end === undefined ? lines.length : Math.min(end - first + 1, lines.length);
  if (last <= skipped && total !== 0) {
    const size = total === undefined ? "" : `${path} has ${total} lines; `;
    throw new RefusedError(
      "invalid_input",
      `${size}there are none from ${first + skipped} to ${end ?? "the end"}.`,
    );
  }
  const { taken, cut } = takeLines(lines.slice(skipped, last));
  const shown = { from: first + skipped, next: first + skipped + taken.length };
  const notes: string[] = [];
  if (taken.length !== total) {
    notes.push(`Lines ${shown.from} to ${shown.next - 1} ${toWhole(path, first, total)}`);
  }
  if (cut)
    notes.push(
      `Line ${shown.next - 1} is longer than one answer and was cut; search_files finds text in it.`,
    );
  const isFull = skipped + taken.length < last;
  if (isFull || hasMore(shown.next, end, { first, total })) {
    notes.push(`Go on with start_line=${shown.next}.`);
  }
  const content = [taken.join(""), notes.join(" ")].filter((part, at) => at === 0 || part !== "");
  return { content: content.map((part) => ({ type: "text", text: part })) };
}

/** Whether a line that is wanted was not read. */
function hasMore(
  next: number,
  end: number | undefined,
  { first, total }: Pick<FileLines, "first" | "total">,
): boolean {
  return total === undefined && first > 0 && (end === undefined || next <= end);
}

function toWhole(path: string, first: number, total: number | undefined): string {
  if (total !== undefined) return `of ${total} of ${path}.`;
  return first > 0 ? `of ${path}, which goes on.` : `of ${path}, counted from its end.`;
}

/** As many whole lines as fit; a first line that alone is too long is cut. */
function takeLines(lines: readonly string[]): {
  readonly taken: readonly string[];
  readonly cut: boolean;
} {
  let left = MAX_ANSWER_BYTES;
  for (const [at, line] of lines.entries()) {
    left -= new TextEncoder().encode(line).length;
    if (left >= 0) continue;
    if (at > 0) return { taken: lines.slice(0, at), cut: false };
    return { taken: [cutText(line, MAX_ANSWER_BYTES)], cut: true };
  }
  return { taken: lines, cut: false };
}

/** The longest beginning of at most `bytes` bytes that ends between characters. */
function cutText(text: string, bytes: number): string {
  const buffer = new Uint8Array(bytes);
  const { read } = new TextEncoder().encodeInto(text, buffer);
  return text.slice(0, read);
}
