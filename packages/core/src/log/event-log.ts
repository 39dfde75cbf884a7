import type { Json } from "../lib/json.ts";

/**
 * An append-only log per stream: task progress and results, legacy SSE resumption, answers to
 * server-to-client requests. Events of a stream are numbered 1, 2, 3 … without gaps.
 */
export interface EventLog {
  /**
   * Appends events so that the first gets the number `at`, which must be the stream's end + 1.
   * Atomic: all of them or none. Repeatable: the same writer appending the same number of events at
   * the same place again is told "appended". "taken": another writer was there first, which is how
   * a writer that was replaced learns of it (single-writer streams are fenced by this).
   */
  append(
    stream: StreamKey,
    at: number,
    writer: string,
    events: readonly LogEvent[],
  ): Promise<"appended" | "taken">;
  /** Events with a number over `after`, in order, at most about 1 MB; strongly consistent. */
  readAfter(stream: StreamKey, after: number): Promise<readonly StoredEvent[]>;
}

export interface StreamKey {
  readonly tenant: string;
  /** `task_…`, or a session's stream. */
  readonly stream: string;
  /** When the stream may be deleted, milliseconds since the epoch; readers pass it over after that. */
  readonly expiresAt: number;
}

export interface LogEvent {
  readonly kind: string;
  readonly data: Json;
}

export interface StoredEvent extends LogEvent {
  readonly number: number;
  /** Who wrote it. */
  readonly writer: string;
}

/** The kind of the event after which a stream has no more. */
export const END = "end";
