import { type Entry, type JsonObject, RefusedError, type Snapshot } from "@zenode/core";

/** The part of a result that `CHANGED` describes. */
export function changed({ project, number }: Snapshot): JsonObject {
  return { project, snapshot: number };
}

/** Undefined: nothing lies there. @throws RefusedError `invalid_path`. */
export async function findEntry(snapshot: Snapshot, path: string): Promise<Entry | undefined> {
  try {
    return await snapshot.entry(path);
  } catch (error) {
    if (error instanceof RefusedError && error.code === "not_found") return undefined;
    throw error;
  }
}
