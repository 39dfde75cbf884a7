import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLITE_BUSY */
const BUSY = 5;

/**
 * Keeps a state folder for this process until it is released or the process ends, however it ends:
 * the lock is SQLite's own, on an empty database. A process id in a file would outlive a kill and may
 * be a stranger's later. Undefined: another process has it.
 */
export function lockState(state: string): { release(): void } | undefined {
  const database = new DatabaseSync(path.join(state, "lock.db"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode === BUSY) return undefined;
    throw cause;
  }
  return { release: () => database.close() };
}
