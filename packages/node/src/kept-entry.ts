import type { Dirent } from "node:fs";
import { isGitFolder, joinPath } from "@zenode/core";
import type { IgnoreRules } from "./ignore-rules.ts";
import { isTemporaryName } from "./temporary-name.ts";

export const OWNER_EXECUTES = 0o100;

/** Whether a push takes what a directory holds under this name; `directory` is relative to the folder. */
export function isKept(
  entry: Pick<Dirent, "name" | "isDirectory" | "isFile" | "isSymbolicLink">,
  directory: string,
  rules: IgnoreRules,
): boolean {
  if (isGitFolder(entry.name) || isTemporaryName(entry.name)) return false;
  const relative = joinPath(directory, entry.name);
  if (entry.isDirectory()) return !rules.leavesOut(`${relative}/`);
  return (entry.isFile() || entry.isSymbolicLink()) && !rules.leavesOut(relative);
}
