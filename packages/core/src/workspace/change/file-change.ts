import type { Snapshot } from "../projects.ts";
import type { TreeEntry } from "../tree.ts";

/** A content that is read when it is stored: of many files not all is in memory. */
export interface LaterContent {
  /** SHA-256 of what `read` gives, hex. */
  readonly blob: string;
  readonly bytes: number;
  /** More than once where others commit meanwhile. */
  readonly read: () => Promise<Uint8Array>;
}

/** What one path of a project is to become. Directories come with their first file and go with their last. */
export type FileChange = { readonly path: string } & (
  | {
      readonly kind: "file";
      readonly content: Uint8Array | LaterContent;
      readonly executable: boolean;
    }
  | { readonly kind: "link"; readonly target: string }
  /**
   * What lies at a path of the base, or of another snapshot of the project: a file, a link, or a directory
   * with everything below it.
   */
  | { readonly kind: "copy"; readonly from: string; readonly snapshot?: Snapshot }
  | { readonly kind: "absent" }
);

type WithoutName<Entry> = Entry extends unknown ? Omit<Entry, "name"> : never;

/** An entry wherever it may lie. */
export type PlacedEntry = WithoutName<TreeEntry>;

/** A change whose blobs are known by their ids; without an entry the path is emptied. */
export interface Edit {
  readonly path: string;
  readonly entry: PlacedEntry | undefined;
}

export function isSameEntry(a: PlacedEntry | undefined, b: PlacedEntry | undefined): boolean {
  if (!a || !b) return a === b;
  if (a.kind === "link") return b.kind === "link" && a.target === b.target;
  if (b.kind === "link" || a.kind !== b.kind || a.blob !== b.blob) return false;
  return a.kind !== "file" || b.kind !== "file" || a.executable === b.executable;
}
