import type { FileChange } from "./change/file-change.ts";
import type { SnapshotPage } from "./snapshot-store.ts";
import type { StorageUse } from "./storage/storage-account.ts";

/** A tenant's projects, as tools see them. Paths are relative, with `/`; the root is "". */
export interface Projects {
  list(): Promise<readonly ProjectSummary[]>;
  /** Their names alone, where counting files would cost more. */
  names(): Promise<readonly string[]>;
  /** What is stored for all projects, and what may be; for these ones each by itself, too. Undefined: nothing is counted here. */
  storage(projects: readonly ProjectSummary[]): Promise<StorageUse | undefined>;
  /** The newest snapshot. @throws RefusedError `not_found` with the names that exist, or how a deleted one comes back. */
  open(project: string): Promise<Snapshot>;
  /** An older one, of a deleted project, too. @throws RefusedError `not_found` with what there is. */
  openAt(project: string, number: number): Promise<PastSnapshot>;
  /**
   * A project's snapshots, newest first, as many as are kept; those of a deleted project, too. Empty: there
   * never was one of that name. @throws RefusedError `invalid_input` (there is no history here).
   */
  history(project: string, page: SnapshotPage): Promise<readonly PastSnapshot[]>;
  /**
   * A new project, with its files in its first snapshot. @throws RefusedError `conflict` (there is one of that name),
   *   `invalid_input`, `forbidden`, and as `change`.
   */
  create(project: string, files?: readonly FileChange[], message?: string): Promise<Snapshot>;
  /**
   * Deletes a project by a snapshot that says so: as long as older ones are kept it can come back.
   * @throws RefusedError `not_found`, `conflict` (it was made anew meanwhile, or others commit all the time), `forbidden`,
   *   `invalid_input` (this one can't be deleted).
   */
  delete(project: string): Promise<PastSnapshot>;
  /** The project that calls of this user mean when they name none, if one was chosen; it may be gone by now. */
  preferred(): Promise<string | undefined>;
  /** Chooses it. @throws RefusedError `not_found`. */
  prefer(project: string): Promise<void>;
  /**
   * Makes changes to a project's newest snapshot: all of them or none. They were made from `base`; what they
   * speak of must still be as it was there, whatever else others have done.
   * @throws ChangeConflict (a RefusedError `conflict`: nothing was written), FencedError (a worker that has lost its
   *   job); RefusedError `conflict` (others were first too often), `forbidden`, `invalid_path`, `invalid_input` (a path twice), `not_found` (nothing to copy), `not_a_directory`,
   *   `too_large`.
   */
  change(base: Snapshot, changes: readonly FileChange[], message: string): Promise<Snapshot>;
  /**
   * The first snapshot behind number `after` that this very call's worker committed, or one before it
   * that is gone: nothing is committed twice by a run that is made again. Undefined: none.
   */
  committed(project: string, after: number): Promise<Snapshot | undefined>;
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
  /** SHA-256 of its tree, hex: directories of equal trees hold the same. Absent: none is known. */
  readonly tree?: string;
}

/** An entry as its directory tells of it: a folder tells no hash, for which it would have to read the file. */
export type ListedEntry = ListedFile | LinkEntry | DirectoryEntry;
type ListedFile = Omit<FileEntry, "blob"> & Partial<Pick<FileEntry, "blob">>;

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
   * The content from the start or from the end, in parts that follow one another; each is checked, and who stops early
   * spares the rest of a large file. @throws RefusedError `not_a_file`, `corrupt`.
   */
  readParts(path: string, from: "start" | "end"): AsyncIterable<FilePart>;
  /**
   * Contents of many files with few requests; order is the store's, not the caller's. Each is checked
   * against its hash; files of equal content are read once. @throws RefusedError `corrupt`.
   */
  readMany(
    files: readonly FileEntry[],
  ): AsyncIterable<{ readonly file: FileEntry; readonly content: Uint8Array }>;
}

export interface FilePart {
  readonly content: Uint8Array;
  /** Nothing lies behind it, or before it when the file is read from its end. */
  readonly isLast: boolean;
}

/** A snapshot with what its record tells: who made it, when, and what it amounts to. */
export interface PastSnapshot extends Snapshot {
  readonly author: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly files: number;
  readonly bytes: number;
  /** The project was deleted with it. */
  readonly deleted: boolean;
}
