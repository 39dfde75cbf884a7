import type { FileChange } from "./change/file-change.ts";

/** A tenant's projects, as tools see them. Paths are relative, with `/`; the root is "". */
export interface Projects {
  list(): Promise<readonly ProjectSummary[]>;
  /** Their names alone, where counting files would cost more. */
  names(): Promise<readonly string[]>;
  /** The newest snapshot. @throws RefusedError `not_found` with the names that exist. */
  open(project: string): Promise<Snapshot>;
  /** A new project without files. @throws RefusedError `conflict` (there is one of that name), `invalid_input`, `forbidden`. */
  create(project: string): Promise<Snapshot>;
  /**
   * Makes changes to a project's newest snapshot: all of them or none. They were made from `base`; what they
   * speak of must still be as it was there, whatever else others have done.
   * @throws RefusedError `conflict` (names the first other change; nothing was written), `forbidden`, `invalid_path`,
   *   `invalid_input` (a path twice), `not_found` (nothing to copy), `not_a_directory`, `too_large`.
   */
  change(base: Snapshot, changes: readonly FileChange[], message: string): Promise<Snapshot>;
}

export interface ProjectSummary {
  readonly name: string;
  readonly snapshot: number;
  readonly files: number;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

export type Entry = FileEntry | LinkEntry | DirectoryEntry;

export interface FileEntry {
  readonly kind: "file";
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
  /** SHA-256 of the content, hex. */
  readonly blob: string;
}

/** A symbolic link: kept, shown, never followed. */
export interface LinkEntry {
  readonly kind: "link";
  readonly path: string;
  readonly target: string;
}

export interface DirectoryEntry {
  readonly kind: "directory";
  readonly path: string;
}

/** An entry as its directory tells of it: without a hash, for which a folder would have to read the file. */
export type ListedEntry = Omit<FileEntry, "blob"> | LinkEntry | DirectoryEntry;

/** One immutable state of a project. All paths are checked here; a bad one is refused with `invalid_path`. */
export interface Snapshot {
  readonly project: string;
  readonly number: number;
  /** @throws RefusedError `not_found`. */
  entry(path: string): Promise<Entry>;
  /** Direct children, sorted by name; no content is read. @throws RefusedError `not_found`, `not_a_directory`. */
  list(path: string): Promise<readonly ListedEntry[]>;
  /**
   * Every file and link below a directory, in `comparePaths` order: name by name, so `a/b` comes
   * before `a.txt`. @throws RefusedError `not_found`, `not_a_directory`.
   */
  walk(path?: string): AsyncIterable<FileEntry | LinkEntry>;
  /** The whole content, checked against its hash. @throws RefusedError `not_a_file`, `too_large` over `maxBytes`, `corrupt`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /**
   * Contents of many files with few requests; order is the store's, not the caller's. Each is checked
   * against its hash; files of equal content are read once. @throws RefusedError `corrupt`.
   */
  readMany(
    files: readonly FileEntry[],
  ): AsyncIterable<{ readonly file: FileEntry; readonly content: Uint8Array }>;
}
