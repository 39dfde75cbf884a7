import { RefusedError } from "@zenode/core";
import picomatch from "picomatch";

/** Wildcards in one name: more would let a hostile glob run for hours (it becomes a backtracking RegExp). */
const MAX_STARS = 4;

/** A test of paths relative to the searched directory. @throws RefusedError `invalid_input`. */
export function parseGlob(glob: string | undefined): (relative: string) => boolean {
  if (glob === undefined) return () => true;
  for (const name of glob.split("/")) {
    if (name !== "**" && name.split("*").length - 1 > MAX_STARS) {
      throw new RefusedError(
        "invalid_input",
        `The glob has more than ${MAX_STARS} stars in one name.`,
      );
    }
  }
  // Without a slash it speaks of names at any depth, as in .gitignore and rg.
  return picomatch(escapeGroups(glob.replace(/^\//, "")), {
    basename: !glob.includes("/"),
    dot: true,
    noextglob: true,
    nonegate: true,
    windows: false,
  });
}

/** Parentheses and their operators are parts of names here (`app/(auth)/page.tsx`), not regular expressions. */
function escapeGroups(glob: string): string {
  return glob.replaceAll(/(?<!\\)[()|+^$]/g, "\\$&");
}
