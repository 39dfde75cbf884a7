import { MIB } from "@zenode/core";
import { type FilePatch, hunkLines } from "./git-patch.ts";

/** Characters of a diff, whatever lines it has. */
const MOST_CHARACTERS = MIB;

/** Gathers a diff up to a bound. What is in it is whole hunks, so that it can be applied. */
export class PatchText {
  readonly #lines: string[] = [];
  readonly #maxLines: number;
  #characters = 0;

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  /** Whether all of it has found room; else its first hunks may have. */
  add(patches: readonly FilePatch[]): boolean {
    return patches.every(({ header, hunks }) => {
      const parts = hunks.map(hunkLines);
      const [first = [], ...rest] = parts;
      return this.#take([...header, ...first]) && rest.every((hunk) => this.#take(hunk));
    });
  }

  #take(lines: readonly string[]): boolean {
    const characters = lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (this.#lines.length + lines.length > this.#maxLines) return false;
    if (this.#characters + characters > MOST_CHARACTERS) return false;
    this.#lines.push(...lines);
    this.#characters += characters;
    return true;
  }

  /** Ends with a newline, unless it is empty. */
  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }
}
