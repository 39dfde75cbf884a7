import { badPatch, type Hunk } from "./patch.ts";
import type { PatchLines } from "./patch-lines.ts";

/** Counts of over nine digits are no file's. */
const HEADER = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;
const BODY = /^[ +-]/;
const NO_NEWLINE = "\\ ";

interface Counts {
  readonly old: number;
  readonly new: number;
}

interface Body {
  readonly oldLines: string[];
  readonly newLines: string[];
  added: number;
  removed: number;
}

/** @throws RefusedError `invalid_input`. */
export function parseHunk(lines: PatchLines, file: string, previous: Hunk | undefined): Hunk {
  const number = (previous?.number ?? 0) + 1;
  const patchLine = lines.number;
  const found = HEADER.exec(lines.peek() ?? "");
  if (!found) {
    throw badPatch(patchLine, "a hunk's header is like `@@ -12,5 +12,6 @@`, with line numbers.");
  }
  const [, start = "", old = "1", , next = "1"] = found;
  const counts = { old: Number(old), new: Number(next) };
  if (counts.old > 0 && Number(start) === 0) throw badPatch(patchLine, "lines count from 1.");
  lines.skip();
  const body = readBody(lines, counts);
  if (body.oldLines.length !== counts.old || body.newLines.length !== counts.new || goesOn(lines)) {
    throw miscounted(lines, body, { counts, file, number, patchLine });
  }
  checkEnds(body, patchLine);
  // Without old lines the header names the line before.
  const position = counts.old === 0 ? Number(start) : Number(start) - 1;
  if (previous && position < previous.position + previous.oldLines.length) {
    throw badPatch(
      patchLine,
      `hunk ${number} of ${file} begins at line ${start}, before the end of the hunk above it. Hunks ascend and do not overlap.`,
    );
  }
  return { number, patchLine, position, ...body };
}

/** As many lines as the header counts, at most. */
function readBody(lines: PatchLines, counts: Counts): Body {
  const body: Body = { oldLines: [], newLines: [], added: 0, removed: 0 };
  while (body.oldLines.length < counts.old || body.newLines.length < counts.new) {
    const line = lines.peek();
    // Editors and models take away the space of an empty line.
    const full = line === "" || line === "\r" ? ` ${line}` : line;
    if (full === undefined || !BODY.test(full)) break;
    lines.skip();
    takeLine(body, full[0] ?? "", full.slice(1) + readEnd(lines));
  }
  return body;
}

function takeLine(body: Body, sign: string, text: string): void {
  if (sign !== "+") body.oldLines.push(text);
  if (sign !== "-") body.newLines.push(text);
  if (sign === "+") body.added++;
  if (sign === "-") body.removed++;
}

function readEnd(lines: PatchLines): string {
  if (!lines.peek()?.startsWith(NO_NEWLINE)) return "\n";
  lines.skip();
  return "";
}

/** Whether what follows is still a line of a hunk. */
function goesOn(lines: PatchLines): boolean {
  const line = lines.peekHeader() ?? "";
  return BODY.test(line) && line !== "-- " && !lines.isFileStart();
}

function miscounted(
  lines: PatchLines,
  body: Body,
  {
    counts,
    file,
    number,
    patchLine,
  }: {
    readonly counts: Counts;
    readonly file: string;
    readonly number: number;
    readonly patchLine: number;
  },
) {
  for (; goesOn(lines); lines.skip()) takeLine(body, lines.peek()?.[0] ?? "", "");
  const { oldLines, newLines } = body;
  return badPatch(
    patchLine,
    `hunk ${number} of ${file} says that it has ${counts.old} old and ${counts.new} new lines, but ${oldLines.length} and ${newLines.length} follow.`,
  );
}

/** A line without an end is the file's last. */
function checkEnds({ oldLines, newLines }: Body, patchLine: number): void {
  for (const side of [oldLines, newLines]) {
    if (side.slice(0, -1).every((line) => line.endsWith("\n"))) continue;
    throw badPatch(patchLine, 'in this hunk a line follows one with "No newline at end of file".');
  }
}
