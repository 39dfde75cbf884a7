import { RefusedError } from "@zenode/core";

/** Of one patch. */
export const MAX_FILES = 1_000;
export const MAX_HUNKS = 20_000;

/** What a patch says of one file. Paths are paths of a tree. */
export interface FilePatch {
  /** Undefined: it is made. */
  readonly from: string | undefined;
  /** Undefined: it is deleted. */
  readonly to: string | undefined;
  /** What lies at `from` stays. */
  readonly isCopy: boolean;
  /** As the patch says; undefined: it does not. */
  readonly oldMode: Mode | undefined;
  readonly newMode: Mode | undefined;
  /** None overlap, and they ascend. */
  readonly hunks: readonly Hunk[];
}

/** Git's own: a file, an executable file, a symbolic link. */
export type Mode = "100644" | "100755" | "120000";

export interface Hunk {
  /** From 1, in its file. */
  readonly number: number;
  /** Of its header in the patch, from 1. */
  readonly patchLine: number;
  /** Where its old lines begin in the old file, from 0. */
  readonly position: number;
  /** With their ends; only the last line of a file may have none. */
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  readonly added: number;
  readonly removed: number;
}

/** A patch that can't be read; `line` is the patch's, from 1. */
export function badPatch(line: number, why: string): RefusedError {
  return new RefusedError("invalid_input", `Line ${line} of the patch: ${why}`);
}
