/** A tenant's projects, as tools see them. Paths are relative, with `/`; the root is "". */
export interface Projects {
  list(): Promise<readonly ProjectSummary[]>;
  /** Their names alone, where counting files would cost more. */
  names(): Promise<readonly string[]>;
  /** The newest snapshot. @throws RefusedError `not_found` with the names that exist. */
  open(project: string): Promise<Snapshot>;
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

/** One immutable state of a project. All paths are checked here; a bad one is refused with `invalid_path`. */
export interface Snapshot {
  readonly project: string;
  readonly number: number;
  /** @throws RefusedError `not_found`. */
  entry(path: string): Promise<Entry>;
  /** Direct children, sorted by name. @throws RefusedError `not_found`, `not_a_directory`. */
  list(path: string): Promise<readonly Entry[]>;
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
