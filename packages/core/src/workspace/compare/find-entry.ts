import { RefusedError } from "../../lib/error.ts";
import type { Entry, Snapshot } from "../projects.ts";

/** Undefined: nothing lies there. @throws RefusedError `invalid_path`. */
export async function findEntry(snapshot: Snapshot, path: string): Promise<Entry | undefined> {
  try {
    return await snapshot.entry(path);
  } catch (error) {
    if (error instanceof RefusedError && error.code === "not_found") return undefined;
    throw error;
  }
}
