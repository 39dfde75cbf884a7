import { KIB } from "../lib/bytes.ts";
import { RefusedError } from "../lib/error.ts";
import type { Json } from "../lib/json.ts";

/** A checkpoint as JSON: it lies in its job's item. */
export const CHECKPOINT_BYTES = 64 * KIB;

/** What a tool's run has come to, and the questions it has the answers to: they are not asked again. */
export interface Checkpoint {
  readonly state: Json;
  /** Keys of `Job.inputs`. */
  readonly closes: readonly string[];
}

/** The state as text. @throws RefusedError `too_large`. */
export function toCheckpointText(state: Json): string {
  const text = JSON.stringify(state);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes <= CHECKPOINT_BYTES) return text;
  throw new RefusedError(
    "too_large",
    `A checkpoint holds at most ${CHECKPOINT_BYTES} bytes; this is ${bytes}. Keep data in files, and where it lies in the checkpoint.`,
  );
}
