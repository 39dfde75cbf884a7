import {
  INLINE_TEXT_BYTES,
  KIB,
  MAX_FILE_BYTES,
  RefusedError,
  type ToolResult,
} from "@zenode/core";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { decodeText, isBinary } from "../project/text-file.ts";
import { toPath } from "../project/tool-path.ts";
import type { ReadFileInput } from "./input.ts";

/** Of text in one answer, beside the notes: more would be kept aside, and this tool has pages of its own. */
const MAX_ANSWER_BYTES = INLINE_TEXT_BYTES - KIB;

export const run = refusalToFailure<ReadFileInput>(async (input, context) => {
  const snapshot = await openProject(context, input.project);
  const path = toPath(input.path);
  const content = await snapshot.read(path, MAX_FILE_BYTES);
  const text = isBinary(content) ? undefined : decodeText(content);
  if (text === undefined) {
    throw new RefusedError(
      "invalid_input",
      `${path} is a binary file or not UTF-8 (${content.length} bytes); read_file gives text only.`,
    );
  }
  return answer(path, text, input);
});

/** The lines asked for, as far as they fit, and a note when that is not the whole file. */
function answer(path: string, text: string, input: ReadFileInput): ToolResult {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const first = firstLine(input.start_line, lines.length);
  const last = Math.min(input.end_line ?? lines.length, lines.length);
  if (last < first && lines.length > 0) {
    throw new RefusedError(
      "invalid_input",
      `${path} has ${lines.length} lines; there are none from ${first} to ${input.end_line ?? "the end"}.`,
    );
  }
  const { taken, cut } = takeLines(lines.slice(first - 1, last));
  const shown = first + taken.length - 1;
  const notes: string[] = [];
  if (first > 1 || shown < lines.length) {
    notes.push(`Lines ${first} to ${shown} of ${lines.length} of ${path}.`);
  }
  if (cut)
    notes.push(
      `Line ${shown} is longer than one answer and was cut; search_files finds text in it.`,
    );
  if (shown < last) notes.push(`Go on with start_line=${shown + 1}.`);
  const content = [taken.join(""), notes.join(" ")].filter((part, at) => at === 0 || part !== "");
  return { content: content.map((part) => ({ type: "text", text: part })) };
}

/** A negative start counts from the end. */
function firstLine(start: number | undefined, lines: number): number {
  if (start === 0) {
    throw new RefusedError("invalid_input", "start_line counts from 1, or from the end: -1.");
  }
  if (start === undefined) return 1;
  return start > 0 ? start : Math.max(1, lines + 1 + start);
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
