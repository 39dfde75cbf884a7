import { MAX_PATH_BYTES } from "./limits.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;

const encoder = new TextEncoder();

/**
 * How many directories above its own a link's target begins, or undefined when the target is not
 * confined: absolute, empty, over 4,096 bytes, or with `..` behind a name. A name may itself be a link, so `name/..`
 * can be anywhere; leading `..` climb real directories only, so their number says it all.
 */
export function countClimbs(target: string): number | undefined {
  if (!isRelativeTarget(target)) return undefined;
  let climbs = 0;
  let named = false;
  for (const name of target.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") named = true;
    else if (named) return undefined;
    else climbs++;
  }
  return climbs;
}

function isRelativeTarget(target: string): boolean {
  if (target === "" || target.startsWith("/") || target.length > MAX_PATH_BYTES) return false;
  if (FORBIDDEN.test(target) || !target.isWellFormed()) return false;
  return encoder.encode(target).length <= MAX_PATH_BYTES;
}

/** Whether a link at `path` (relative to the tree's root) could lead out of the tree. */
export function leavesTree(path: string, target: string): boolean {
  const climbs = countClimbs(target);
  return climbs === undefined || climbs > path.split("/").length - 1;
}
