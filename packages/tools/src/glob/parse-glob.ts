import { RefusedError } from "@zenode/core";
import picomatch from "picomatch";

/** Wildcards in one name: more would let a hostile glob run for hours (it becomes a backtracking RegExp). */
const MAX_STARS = 4;

/** A test of paths relative to the searched directory. @throws RefusedError `invalid_input`. */
export function parseGlob(glob: string | undefined): (relative: string) => boolean {
  if (glob === undefined) return () => true;
  const relative = glob.replace(/^\//, "");
  if (relative === "") throw new RefusedError("invalid_input", "The glob is empty.");
  for (const name of relative.split("/")) {
    if (name !== "**" && name.split("*").length - 1 > MAX_STARS) {
      throw new RefusedError(
        "invalid_input",
        `The glob has more than ${MAX_STARS} stars in one name.`,
      );
    }
  }
  // Without a slash it speaks of names at any depth, as in .gitignore and rg.
  return picomatch(escapeGroups(relative), {
    basename: !glob.includes("/"),
    dot: true,
    noextglob: true,
    nonegate: true,
    windows: false,
  });
}

/** A name that no glob reads as anything else. */
const PLAIN_NAME = /^[^*?[\]{}!\\]+$/;

/** The directory that all matches of a glob are (`a/**` finds `a`) or lie below: its names before the first wildcard. "": anywhere. */
export function rootOfGlob(glob = ""): string {
  const names = glob.replace(/^\//, "").split("/").slice(0, -1);
  const end = names.findIndex((name) => !PLAIN_NAME.test(name) || /^\.\.?$/.test(name));
  return names.slice(0, end < 0 ? names.length : end).join("/");
}

/** Parentheses and their operators are parts of names here (`app/(auth)/page.tsx`), not regular expressions. */
function escapeGroups(glob: string): string {
  return glob.replaceAll(/(?<!\\)[()|+^$]/g, "\\$&");
}
