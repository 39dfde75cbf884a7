import type { Snapshot, ToolContext } from "@zenode/core";
import type { Pattern } from "./pattern.ts";

/** What is searched, parsed and checked. */
export interface Search {
  readonly snapshot: Snapshot;
  readonly pattern: Pattern;
  /** A directory ("" for all) or one file. */
  readonly path: string;
  readonly kind: "directory" | "file";
  /** Whether a file's path (of the project) is searched at all. */
  readonly isWanted: (path: string) => boolean;
  /** More matches than this are of no use, in all as in one file. */
  readonly maxMatches: number;
  readonly context: ToolContext;
}

export interface Match {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** The line without its end. */
  readonly text: string;
}

/**
 * A way to search. All give the same matches in the same order: by path (`comparePaths`), then by
 * line. Files with a NUL byte are skipped, and so are lines that are not UTF-8.
 */
export interface SearchEngine {
  find(search: Search): AsyncIterable<Match>;
  /** Content of a file with matches, for the lines around them. */
  read(search: Search, path: string): Promise<Uint8Array>;
}
