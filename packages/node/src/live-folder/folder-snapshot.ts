import {
  type Codec,
  type Entry,
  type FileEntry,
  type FilePart,
  type LinkEntry,
  type ListedEntry,
  MAX_FILE_BYTES,
  MIB,
  RefusedError,
  readAhead,
  type Snapshot,
} from "@zenode/core";
import type { FolderTree, Found, FoundDirectory, FoundFile } from "./folder-tree.ts";
import { readConfined } from "./read-confined.ts";

const READS_AT_ONCE = 16;
const READ_BYTES_AT_ONCE = 32 * MIB;
/** Hashes remembered of files that did not change. */
const KNOWN_FILES = 100_000;

/** Path -> stamp and SHA-256 of the content it had then. */
export type KnownBlobs = Map<string, { readonly stamp: string; readonly blob: string }>;

export interface FolderSnapshotOptions {
  readonly project: string;
  readonly tree: FolderTree;
  readonly codec: Codec;
  readonly known: KnownBlobs;
}

/**
 * A folder as it is, seen as a project. There is one snapshot, number 1, and it is not immutable: a
 * file that vanishes between two steps is passed over, as if it had never been there.
 */
export class FolderSnapshot implements Snapshot {
  readonly project: string;
  readonly number = 1;
  /** Path -> SHA-256 of what was told of it last; undefined: that nothing is there. */
  readonly told = new Map<string, string | undefined>();
  readonly #tree: FolderTree;
  readonly #codec: Codec;
  readonly #known: KnownBlobs;

  constructor({ project, tree, codec, known }: FolderSnapshotOptions) {
    this.project = project;
    this.#tree = tree;
    this.#codec = codec;
    this.#known = known;
  }

  async entry(path: string): Promise<Entry> {
    const entry = await this.#toEntry(await this.#find(path));
    if (!entry) throw this.#notFound(path);
    if (entry.kind === "file") this.told.set(path, entry.blob);
    return entry;
  }

  async list(path: string): Promise<readonly ListedEntry[]> {
    const { found } = await this.#tree.list(await this.#findDirectory(path));
    return found.map(toListed);
  }

  async *walk(path = ""): AsyncGenerator<FileEntry | LinkEntry> {
    yield* this.#walk(await this.#findDirectory(path));
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array> {
    const found = await this.#find(path);
    if (found.kind === "link") {
      throw new RefusedError(
        "not_a_file",
        `${path} is a symbolic link to ${found.target}; links are not followed. Read the target itself.`,
      );
    }
    if (found.kind === "directory") {
      throw new RefusedError(
        "not_a_file",
        `${path || "The root"} is a directory; list it instead.`,
      );
    }
    const content = await readConfined(this.#tree.root, found.path, maxBytes);
    this.told.set(path, this.#codec.sha256(content));
    return content;
  }

  /** At once: a file on this disk costs no request. */
  async *readParts(path: string): AsyncGenerator<FilePart> {
    yield { content: await this.read(path, MAX_FILE_BYTES), isLast: true };
  }

  async *readMany(
    files: readonly FileEntry[],
  ): AsyncGenerator<{ readonly file: FileEntry; readonly content: Uint8Array }> {
    const read = readAhead(files, LIMITS, async (file) => {
      const content = await this.#tryRead(file.path);
      return content && { file, content };
    });
    for await (const one of read) if (one) yield one;
  }

  async *#walk(directory: FoundDirectory): AsyncGenerator<FileEntry | LinkEntry> {
    const { found } = await this.#tree.list(directory);
    const below = new Map(found.filter(isDirectory).map((one) => [one.path, one]));
    for await (const entry of this.#toEntries(found)) {
      const next = below.get(entry.path);
      if (next) yield* this.#walk(next);
      else if (entry.kind !== "directory") yield entry;
    }
  }

  async #find(path: string): Promise<Found> {
    const found = await this.#tree.find(path);
    if (found) return found;
    this.told.set(path, undefined);
    throw this.#notFound(path);
  }

  async #findDirectory(path: string): Promise<FoundDirectory> {
    const found = await this.#find(path);
    if (found.kind === "directory") return found;
    throw new RefusedError("not_a_directory", `${path} is a ${found.kind}, not a directory.`);
  }

  async *#toEntries(found: readonly Found[]): AsyncGenerator<Entry> {
    const made = readAhead(found, LIMITS, (one) => this.#toEntry(one));
    for await (const entry of made) if (entry) yield entry;
  }

  /** Undefined for a file that can't be read, or no longer. */
  async #toEntry(found: Found): Promise<Entry | undefined> {
    if (found.kind === "directory") return { kind: "directory", path: found.path };
    if (found.kind === "link") return found;
    const blob = await this.#blobOf(found);
    if (blob === undefined) return undefined;
    const { kind, path, bytes, executable } = found;
    return { kind, path, bytes, executable, blob };
  }

  async #blobOf({ path, stamp }: FoundFile): Promise<string | undefined> {
    const before = this.#known.get(path);
    if (before?.stamp === stamp) return before.blob;
    const content = await this.#tryRead(path);
    if (!content) return undefined;
    const blob = this.#codec.sha256(content);
    if (this.#known.size >= KNOWN_FILES) this.#known.clear();
    this.#known.set(path, { stamp, blob });
    return blob;
  }

  async #tryRead(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readConfined(this.#tree.root, path, MAX_FILE_BYTES);
    } catch (cause) {
      if (cause instanceof RefusedError) return undefined;
      throw cause;
    }
  }

  #notFound(path: string): RefusedError {
    return new RefusedError("not_found", `There is no ${path} in project ${this.project}.`);
  }
}

const LIMITS = {
  items: READS_AT_ONCE,
  weight: {
    max: READ_BYTES_AT_ONCE,
    of: (one: Found | FileEntry) => ("bytes" in one ? one.bytes : 0),
  },
};

function toListed(found: Found): ListedEntry {
  if (found.kind === "link") return found;
  const { kind, path } = found;
  if (kind === "directory") return { kind, path };
  return { kind, path, bytes: found.bytes, executable: found.executable };
}

function isDirectory(found: Found): found is FoundDirectory {
  return found.kind === "directory";
}
