import type { FileChange } from "../workspace/change/file-change.ts";

/** A git repository at an address. */
export interface RepositorySource {
  /** https; no user name, password, query or fragment. */
  readonly url: string;
  /** A branch, a tag, or a commit's full id; absent: what the server calls HEAD. */
  readonly ref?: string;
}

/** A file as somebody uploaded it: a git bundle, a tar (gzip or not), or a zip. */
export interface UploadSource {
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
  /** Of a bundle. */
  readonly ref?: string;
}

export interface ImportOptions {
  /** Only what lies below it is taken, without it in its path; "": all. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** How far it is, in plain words. */
  readonly tell: (message: string) => void;
}

export type ImportFormat = "git" | "git bundle" | "tar" | "zip";

/** Files from elsewhere: every path and link is one that a project may have. Contents are held until the call ends. */
export interface ImportedFiles {
  readonly format: ImportFormat;
  /** Of different paths; files and links only. */
  readonly files: readonly ImportedFile[];
  readonly bytes: number;
  /** What can't be a project's, and why. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
  /** The commit's id, of git. */
  readonly commit?: string;
}

export type ImportedFile = Extract<FileChange, { kind: "file" | "link" }>;

/**
 * Brings files from outside to a worker's disk. Everything it reads is foreign: addresses of the worker's own network are
 * not asked, nothing in it is run, and no name in it is ever a name on the disk.
 */
export interface Importer {
  /** @throws RefusedError `invalid_input` (the address, the ref, the repository), `too_large`, `not_found`, `unavailable`. */
  clone(source: RepositorySource, options: ImportOptions): Promise<ImportedFiles>;
  /** @throws RefusedError `invalid_input` (none of these formats, or hostile), `invalid_path`, `too_large`. */
  unpack(source: UploadSource, options: ImportOptions): Promise<ImportedFiles>;
}
