import { rm } from "node:fs/promises";
import path from "node:path";
import { RefusedError } from "@zenode/core";
import { ConfinedDirectory, parentOf } from "./confined-directory.ts";
import { removeEmpty, stampAt } from "./place-file.ts";

/**
 * Removes a file or link, if it has this stamp, and the directories that it leaves empty; never through a link.
 * False: something else is there, and stays.
 */
export async function removeLeaf(root: string, relative: string, stamp?: string): Promise<boolean> {
  const directory = await openUnlessGone(root, parentOf(relative));
  if (!directory) return true;
  try {
    const target = directory.at(path.posix.basename(relative));
    const now = await stampAt(target);
    if (stamp !== undefined && now !== undefined && now !== stamp) return false;
    await rm(target, { force: true });
  } finally {
    await directory.close();
  }
  await removeEmptyAbove(root, relative);
  return true;
}

async function removeEmptyAbove(root: string, relative: string): Promise<void> {
  for (let at = parentOf(relative); at !== ""; at = parentOf(at)) {
    const above = await openUnlessGone(root, parentOf(at));
    if (!above) continue;
    try {
      if (!(await removeEmpty(above.at(path.posix.basename(at))))) return;
    } finally {
      await above.close();
    }
  }
}

async function openUnlessGone(
  root: string,
  relative: string,
): Promise<ConfinedDirectory | undefined> {
  try {
    return await ConfinedDirectory.open(root, relative);
  } catch (cause) {
    if (cause instanceof RefusedError) return undefined;
    throw cause;
  }
}
