import { RefusedError } from "@zenode/core";
import { parseHeaders } from "./parse-headers.ts";
import { parseHunk } from "./parse-hunk.ts";
import { badPatch, type FilePatch, type Hunk, MAX_FILES, MAX_HUNKS } from "./patch.ts";
import { PatchLines } from "./patch-lines.ts";

const STRAY =
  "it belongs to no hunk and is no header. A line of a hunk begins with a space, + or -, and the hunk's header counts them.";

/**
 * Reads a unified diff as `git diff`, `git format-patch` and `diff -u` write it. Nothing of it is passed over but what
 * stands before the first file and behind a mail's signature.
 * @throws RefusedError `invalid_input` (with the line of the patch), `invalid_path`, `too_large`.
 */
export function parsePatch(patch: string): readonly FilePatch[] {
  if (!patch.isWellFormed())
    throw new RefusedError("invalid_input", "The patch is no Unicode text.");
  const lines = new PatchLines(patch);
  const files: FilePatch[] = [];
  let hunks = 0;
  skipProse(lines);
  while (lines.peek() !== undefined) {
    const file = parseFile(lines, MAX_HUNKS - hunks);
    hunks += file.hunks.length;
    files.push(file);
    if (files.length > MAX_FILES) {
      throw new RefusedError("too_large", `The patch changes over ${MAX_FILES} files; split it.`);
    }
    skipBetween(lines);
  }
  if (files.length > 0) return files;
  throw new RefusedError(
    "invalid_input",
    "The patch names no file. It has to be a unified diff: `--- a/path`, `+++ b/path`, then hunks like `@@ -12,5 +12,6 @@`.",
  );
}

function parseFile(lines: PatchLines, hunksLeft: number): FilePatch {
  const start = lines.number;
  const headers = parseHeaders(lines);
  const name = headers.to ?? headers.from ?? "";
  const hunks: Hunk[] = [];
  skipBlank(lines);
  while (lines.peek()?.startsWith("@@")) {
    if (hunks.length === hunksLeft) {
      throw new RefusedError("too_large", `The patch has over ${MAX_HUNKS} hunks; split it.`);
    }
    hunks.push(parseHunk(lines, name, hunks.at(-1)));
    skipBlank(lines);
  }
  const file = { ...headers, hunks };
  if (hunks.length > 0 || saysMore(file)) return file;
  throw badPatch(start, `no hunk follows for ${name}, so nothing is said of it.`);
}

/** Whether a file's headers alone say something. */
function saysMore({ from, to, oldMode, newMode }: FilePatch): boolean {
  return from !== to || oldMode !== newMode;
}

function skipBlank(lines: PatchLines): void {
  while (lines.peekHeader() === "") lines.skip();
}

/** A mail's head, or whatever stands before the first file. */
function skipProse(lines: PatchLines): void {
  for (let line = lines.peek(); line !== undefined && !lines.isFileStart(); line = lines.peek()) {
    if (/^@@ -\d/.test(line)) {
      throw badPatch(
        lines.number,
        "this hunk has no file. `--- a/path` and `+++ b/path` are missing.",
      );
    }
    lines.skip();
  }
}

function skipBetween(lines: PatchLines): void {
  skipBlank(lines);
  const line = lines.peekHeader();
  if (line === undefined || lines.isFileStart()) return;
  // RFC 3676, section 4.3: how a mail's signature begins; git format-patch ends so.
  if (line === "-- ") skipProse(lines);
  else throw badPatch(lines.number, STRAY);
}
