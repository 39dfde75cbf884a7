import { RefusedError } from "@zenode/core";
import type { Search } from "./find-places.ts";
import type { LineStarts } from "./line-starts.ts";
import type { Hunk } from "./patch.ts";

/** Of a line that is shown. */
const MAX_SHOWN = 200;

/** Old lines that are at several places, or at none: which one is missing, and what stands there. */
export function explainMissing(hunk: Hunk, lines: LineStarts, search: Search): RefusedError {
  if (search.places.length > 1) return isAmbiguous(hunk, search.places);
  const { at, same } = bestPlace(hunk, lines, search);
  const expected = hunk.oldLines[same] ?? "";
  const found = lines.lineAt(at + same);
  const where =
    same === 0
      ? `line ${at + 1}`
      : `line ${at + same + 1} (its first ${same} lines stand there, from line ${at + 1} on)`;
  const stands =
    found === undefined
      ? `but the file has ${lines.count} lines`
      : `but ${show(found)} stands there`;
  const text = `${name(hunk)}: its ${hunk.oldLines.length} old lines are not in the file. At ${where} ${show(expected)} is expected, ${stands}.`;
  return refuse(text + hintAt(expected, found) + hintApplied(hunk, lines));
}

/** A hunk without old lines, and a file that has some. */
export function mustBeMade(hunk: Hunk, lines: LineStarts): RefusedError {
  return refuse(
    `${name(hunk)} has no old lines, so its place can't be checked, and the file is not empty (${lines.count} lines). Make the patch with lines of context.${hintApplied(hunk, lines)}`,
  );
}

function name({ number, patchLine }: Hunk): string {
  return `Hunk ${number} (line ${patchLine} of the patch)`;
}

function refuse(text: string): RefusedError {
  return new RefusedError("invalid_input", text);
}

function isAmbiguous(hunk: Hunk, places: readonly number[]): RefusedError {
  const lines = places.map((place) => place + 1).join(", ");
  return refuse(
    `${name(hunk)}: its old lines are not at line ${hunk.position + 1}, but at several other places (lines ${lines}). Give more lines of context, or the right line number.`,
  );
}

/** Where the patch says, unless more of the lines stand elsewhere. */
function bestPlace(hunk: Hunk, lines: LineStarts, { best }: Search) {
  const at = Math.min(hunk.position, lines.count);
  const same = lines.countSame(hunk.oldLines, at);
  return same >= best.lines ? { at, same } : { at: best.at, same: best.lines };
}

/** As JSON, so that white space can be seen. */
function show(line: string): string {
  const plain = line.replace(/\n$/, "");
  const isCut = plain.length > MAX_SHOWN;
  return JSON.stringify(isCut ? `${plain.slice(0, MAX_SHOWN).toWellFormed()}…` : plain);
}

/** Why lines that look alike are not the same. */
function hintAt(expected: string, found: string | undefined): string {
  if (found === undefined) return "";
  const [wanted, is] = [expected.replace(/\r?\n$/, ""), found.replace(/\r?\n$/, "")];
  if (wanted === is) return hintAtEnds(expected, found);
  const plain = (text: string) => text.replaceAll(/\s+/g, " ").trim();
  if (plain(wanted) !== plain(is)) return "";
  return " They differ in white space (indentation, tabs, spaces at the end).";
}

function hintAtEnds(expected: string, found: string): string {
  if (found.endsWith("\r\n")) return " The file's lines end in CRLF (\\r\\n), the patch's do not.";
  if (expected.endsWith("\r\n"))
    return " The patch's lines end in CRLF (\\r\\n), the file's do not.";
  if (!found.endsWith("\n")) {
    return ' The file\'s last line has no newline: put "\\ No newline at end of file" behind it.';
  }
  return ' The line has a newline in the file: "\\ No newline at end of file" is wrong here.';
}

function hintApplied({ newLines, position }: Hunk, lines: LineStarts): string {
  const isThere = newLines.length > 0 && lines.countSame(newLines, position) === newLines.length;
  return isThere ? " Its new lines stand there: it may have been applied already." : "";
}
