import { lstat, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Folding } from "@zenode/core";
import { temporaryName } from "../temporary-name.ts";
import { absent } from "../vanished.ts";

/** Tries out what a folder's file system takes for the same name, with a file that is gone afterwards. */
export async function probeFolding(root: string): Promise<Folding> {
  const name = temporaryName();
  const [composed, decomposed] = [`${name}-\u00e9`, `${name}-e\u0301`];
  await writeFile(path.join(root, composed), "", { flag: "wx" });
  try {
    const isThere = async (other: string) =>
      (await lstat(path.join(root, other)).catch(absent)) !== undefined;
    return {
      cases: await isThere(composed.toUpperCase()),
      compositions: await isThere(decomposed),
    };
  } finally {
    await rm(path.join(root, composed), { force: true });
  }
}
