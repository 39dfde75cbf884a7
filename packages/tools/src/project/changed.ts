import { type Entry, type JsonObject, RefusedError, type Snapshot } from "@zenode/core";
import * as z from "zod";

/** What every tool answers that changed a project. */
export const CHANGED = {
  project: z.string(),
  snapshot: z.int().describe("Number of the snapshot that has the change."),
};

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
