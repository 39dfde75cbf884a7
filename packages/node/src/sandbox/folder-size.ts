import { lstat, opendir } from "node:fs/promises";
import path from "node:path";
import { MAX_ENTRIES } from "@zenode/core";

const BLOCK_BYTES = 512;

/**
 * Bytes that folders take on their disk, links not followed; `Infinity` when they hold more than a project may. What
 * vanishes meanwhile, or may not be looked at, is passed over.
 */
export async function folderBytes(
  folders: readonly string[],
  mostEntries = 2 * MAX_ENTRIES,
): Promise<number> {
  let [bytes, entries] = [0, 0];
  const left = [...folders];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for await (const entry of listFolder(next)) {
      entries += 1;
      if (entries > mostEntries) return Infinity;
      const at = path.join(next, entry.name);
      if (entry.isDirectory()) left.push(at);
      bytes += ((await lstat(at).catch(() => undefined))?.blocks ?? 0) * BLOCK_BYTES;
    }
  }
  return bytes;
}

async function* listFolder(folder: string) {
  const opened = await opendir(folder).catch(() => undefined);
  if (opened) yield* opened;
}
