import type { JsonObject, Snapshot } from "@zenode/core";

/** The part of a result that `CHANGED` describes. */
export function changed({ project, number }: Snapshot): JsonObject {
  return { project, snapshot: number };
}
