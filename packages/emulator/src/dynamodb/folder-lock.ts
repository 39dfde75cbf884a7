import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another emulator is running on the folder; `dir` names it. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
  readonly code = "FOLDER_IN_USE";
  readonly dir: string;
  constructor(dir: string, cause: unknown) {
    super(`Another emulator is running on ${dir}.`, { cause });
    this.dir = dir;
  }
}

/** SQLITE_BUSY */
const BUSY = 5;

/**
 * Keeps a folder for this process until it is released or the process ends, however it ends: the lock is
 * SQLite's own on an empty database. Node has no other that the system takes back after a kill.
 * @throws FolderInUseError
 */
export function lockFolder(dir: string): { release(): void } {
  mkdirSync(dir, { recursive: true });
  const database = new DatabaseSync(join(dir, "lock.db"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode === BUSY) throw new FolderInUseError(dir, cause);
    throw cause;
  }
  return { release: () => database.close() };
}
