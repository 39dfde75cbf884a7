import { RefusedError } from "../../lib/error.ts";

/** A path that is not what the changes were made from. */
export interface PathConflict {
  readonly path: string;
  /** Who changed it first since, and the number of that snapshot; absent: it would be long to find. */
  readonly by?: { readonly author: string; readonly snapshot: number };
}

/** Others changed what a call wanted to change, too: nothing was written. */
export class ChangeConflict extends RefusedError {
  /** All of them, in the order of the changes; the first has its author. */
  readonly conflicts: readonly PathConflict[];

  constructor(conflicts: readonly PathConflict[]) {
    const [first] = conflicts;
    super(
      "conflict",
      `${first ? describeConflict(first) : "A path was changed meanwhile."} Nothing was written. Read it again, then repeat the change.`,
    );
    this.conflicts = conflicts;
  }
}

/** `a.txt was changed by ada in snapshot 3.` */
export function describeConflict({ path, by }: PathConflict): string {
  const who = by ? `by ${by.author} in snapshot ${by.snapshot}` : "meanwhile";
  return `${path} was changed ${who}.`;
}
