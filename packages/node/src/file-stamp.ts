import type { BigIntStats } from "node:fs";

/** Changes whenever a file's content, mode or identity may have: what git's index compares, with inode and change time. */
export function stampOf({ ino, size, mode, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mode, mtimeNs, ctimeNs].map((number) => number.toString(36)).join(":");
}

/** The change time in a stamp, in milliseconds since the epoch. */
export function changedAtMs(stamp: string): number {
  return Number.parseInt(stamp.slice(stamp.lastIndexOf(":") + 1), 36) / 1e6;
}
