import { RefusedError } from "@zenode/core";
import { explainMissing, mustBeMade } from "./explain-missing.ts";
import { PlaceFinder, type SearchBudget } from "./find-places.ts";
import { LineStarts } from "./line-starts.ts";
import type { FilePatch, Hunk } from "./patch.ts";

export interface Applied {
  readonly text: string;
  readonly moved: readonly MovedHunk[];
}

/** A hunk that was not where the patch says. */
export interface MovedHunk {
  readonly hunk: number;
  /** Of the old file, from 1. */
  readonly line: number;
  /** From where the patch says; negative: above. */
  readonly offset: number;
}

/**
 * Applies a file's hunks to its text, each where its old lines stand exactly: where the patch says, else at the one
 * other place below the hunk before.
 * @throws RefusedError `invalid_input` (says what was expected and what stands there), `too_large`.
 */
export function applyHunks(
  text: string,
  { hunks }: Pick<FilePatch, "hunks">,
  budget: SearchBudget,
): Applied {
  const lines = new LineStarts(text);
  const moved: MovedHunk[] = [];
  const parts: string[] = [];
  let finder: PlaceFinder | undefined;
  let done = 0;
  for (const hunk of hunks) {
    const place = locate(hunk);
    if (place !== hunk.position) {
      moved.push({ hunk: hunk.number, line: place + 1, offset: place - hunk.position });
    }
    const end = place + hunk.oldLines.length;
    checkLast(hunk, end === lines.count);
    parts.push(text.slice(lines.startOf(done), lines.startOf(place)), ...hunk.newLines);
    done = end;
  }
  parts.push(text.slice(lines.startOf(done)));
  return { text: parts.join(""), moved };

  function locate(hunk: Hunk): number {
    const { position, oldLines } = hunk;
    if (oldLines.length === 0) {
      if (lines.count === 0) return 0;
      throw mustBeMade(hunk, lines);
    }
    if (position >= done && lines.countSame(oldLines, position) === oldLines.length) {
      return position;
    }
    finder ??= new PlaceFinder(lines, hunks, budget);
    const search = finder.find(hunk, done);
    const [place, another] = search.places;
    if (place !== undefined && another === undefined) return place;
    throw explainMissing(hunk, lines, search);
  }
}

/** New lines that end the file may end without a newline, others not. */
function checkLast({ number, newLines, patchLine }: Hunk, isEnd: boolean): void {
  if (isEnd || newLines.length === 0 || newLines.at(-1)?.endsWith("\n")) return;
  throw new RefusedError(
    "invalid_input",
    `Hunk ${number} (line ${patchLine} of the patch) has "No newline at end of file" where the file goes on.`,
  );
}
