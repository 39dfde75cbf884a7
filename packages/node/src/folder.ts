import { realpath } from "node:fs/promises";
import type { FileSource } from "@zenode/core";
import { FolderScan, type ScannedFile } from "./folder-scan.ts";

/** The files of a local folder that a push takes, sorted by `comparePaths`; see `FolderScan`. */
export async function scanFolder(folder: string): Promise<readonly ScannedFile[]> {
  const scan = new FolderScan(await realpath(folder));
  await scan.refresh();
  return scan.files();
}

/** A folder as a push reads it. */
export function openFolder(folder: string): FileSource {
  return { list: () => scanFolder(folder) };
}
