import type { JobId } from "./job.ts";

/** Names a stored part of a result; see `StoredPart`. */
export interface PartName {
  readonly id: JobId;
  /** Of the lease that wrote it: a worker that was replaced must not write over its successor's. */
  readonly fence: number;
  readonly part: number;
}

/**
 * The parts of results that are too large for an answer. They are found by way of their job only, whose
 * outcome names them, and live at least as long as it is kept.
 */
export interface ResultStore {
  /** Durable when this returns. Repeatable: a name always gets the same text. Lone surrogates become U+FFFD. */
  put(tenant: string, name: PartName, text: string): Promise<void>;
  /** Undefined: there is none, or it is kept no longer. */
  get(tenant: string, name: PartName): Promise<string | undefined>;
}
