import { RefusedError } from "@zenode/core";
import type { LineStarts } from "./line-starts.ts";
import type { Hunk } from "./patch.ts";

/** Lines that all hunks of a patch that stand elsewhere may be compared with: some tenths of a second. */
const MAX_STEPS = 50_000_000;
/** More places say nothing new. */
const MAX_PLACES = 10;

export interface Search {
  /** Lines, from 0. */
  readonly places: readonly number[];
  /** Where most of the lines, from the first on, stand; `lines` are so many. */
  readonly best: { readonly at: number; readonly lines: number };
}

/** What is left of the work that one patch may cost. */
export class SearchBudget {
  #left = MAX_STEPS;

  /** @throws RefusedError `too_large`. */
  take(steps: number): void {
    this.#left -= steps;
    if (this.#left >= 0) return;
    throw new RefusedError(
      "too_large",
      "Too many hunks are not where the patch says. Make the patch anew from the files as they are, or split it.",
    );
  }
}

/** Finds the old lines of a file's hunks, wherever they stand, in time linear in the file (Knuth, Morris, Pratt). */
export class PlaceFinder {
  readonly #lines: LineStarts;
  readonly #budget: SearchBudget;
  /** Lines of hunks by number; a file's lines that no hunk has are -1. */
  readonly #numbers = new Map<string, number>();
  readonly #file: Int32Array;

  constructor(lines: LineStarts, hunks: readonly Hunk[], budget: SearchBudget) {
    this.#lines = lines;
    this.#budget = budget;
    for (const { oldLines } of hunks) {
      for (const line of oldLines) {
        if (!this.#numbers.has(line)) this.#numbers.set(line, this.#numbers.size);
      }
    }
    budget.take(lines.count);
    this.#file = Int32Array.from({ length: lines.count }, (_, at) => this.#numberOf(at));
  }

  #numberOf(line: number): number {
    return this.#numbers.get(this.#lines.lineAt(line) ?? "") ?? -1;
  }

  /** @throws RefusedError `too_large`. */
  find({ oldLines }: Hunk, from: number): Search {
    const wanted = Int32Array.from(oldLines, (line) => this.#numbers.get(line) ?? -1);
    this.#budget.take(this.#file.length - from + wanted.length);
    const borders = findBorders(wanted);
    const places: number[] = [];
    let best = { at: from, lines: 0 };
    for (let at = from, same = 0; at < this.#file.length && places.length < MAX_PLACES; at++) {
      same = goOn(wanted, borders, { same, next: this.#file[at] });
      if (same > best.lines) best = { at: at - same + 1, lines: same };
      if (same < wanted.length) continue;
      places.push(at - same + 1);
      same = borders[same - 1] ?? 0;
    }
    return { places, best };
  }
}

/** For each beginning of a sequence the length of its longest end, short of all of it, that it begins with, too. */
function findBorders(sequence: Int32Array): Int32Array {
  const borders = new Int32Array(sequence.length);
  for (let at = 1, same = 0; at < sequence.length; at++) {
    same = goOn(sequence, borders, { same, next: sequence[at] });
    borders[at] = same;
  }
  return borders;
}

/** How much of the wanted sequence stands there, once one more is seen. */
function goOn(
  wanted: Int32Array,
  borders: Int32Array,
  { same, next }: { readonly same: number; readonly next: number | undefined },
): number {
  let left = same;
  while (left > 0 && wanted[left] !== next) left = borders[left - 1] ?? 0;
  return wanted[left] === next ? left + 1 : left;
}
