import { RefusedError } from "../lib/error.ts";
import type { BlobReader } from "./blob-reader.ts";
import type { HeldChunks } from "./held-chunks.ts";
import { joinPath, parsePath } from "./parse-path.ts";
import type {
  DirectoryEntry,
  Entry,
  FileEntry,
  FilePart,
  LinkEntry,
  ListedEntry,
  PastSnapshot,
} from "./projects.ts";
import type { SnapshotRecord } from "./snapshot-store.ts";
import { type BlobReference, findName, type TreeEntry } from "./tree.ts";

interface FoundDirectory extends Omit<DirectoryEntry, "tree"> {
  /** Absent: the root of a deleted project. */
  readonly tree: BlobReference | undefined;
}

type Found = FileEntry | LinkEntry | FoundDirectory;

/** A snapshot in packs. */
export class StoredSnapshot implements PastSnapshot {
  readonly record: SnapshotRecord;
  readonly #blobs: BlobReader;
  readonly #knownRoot: BlobReference | undefined;

  /** `root` is the record's, where its size is known. */
  constructor(record: SnapshotRecord, blobs: BlobReader, root?: BlobReference) {
    this.record = record;
    this.#blobs = blobs;
    this.#knownRoot = root;
  }

  get project(): string {
    return this.record.project;
  }
  get number(): number {
    return this.record.number;
  }
  get author(): string {
    return this.record.author;
  }
  get message(): string {
    return this.record.message;
  }
  get createdAt(): number {
    return this.record.createdAt;
  }
  get files(): number {
    return this.record.files;
  }
  get bytes(): number {
    return this.record.bytes;
  }
  get deleted(): boolean {
    return this.record.deleted === true;
  }

  async entry(path: string): Promise<Entry> {
    return toEntry(await this.#find(parsePath(path)));
  }

  async list(path: string): Promise<readonly ListedEntry[]> {
    const directory = await this.#findDirectory(path);
    const entries = await this.#entriesOf(directory);
    return entries.map((entry) => toEntry(locateEntry(entry, directory.path)));
  }

  async *walk(path = ""): AsyncGenerator<FileEntry | LinkEntry> {
    const left: Found[] = [await this.#findDirectory(path)];
    for (let next = left.pop(); next; next = left.pop()) {
      if (next.kind !== "directory") {
        yield next;
        continue;
      }
      // A stack: what comes first must lie on top.
      const entries = await this.#entriesOf(next);
      for (const entry of entries.toReversed()) left.push(locateEntry(entry, next.path));
    }
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array> {
    const found = await this.#findFile(path);
    if (found.bytes > maxBytes) {
      throw new RefusedError("too_large", `${path} has ${found.bytes} bytes, over ${maxBytes}.`);
    }
    return this.#blobs.read(found);
  }

  async *readParts(path: string, from: "start" | "end"): AsyncGenerator<FilePart> {
    yield* this.#blobs.readParts(await this.#findFile(path), from);
  }

  async #findFile(path: string): Promise<FileEntry> {
    const found = await this.#find(parsePath(path));
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
    return found;
  }

  async *readMany(
    files: readonly FileEntry[],
    held?: HeldChunks,
  ): AsyncGenerator<{ readonly file: FileEntry; readonly content: Uint8Array }> {
    const byBlob = Map.groupBy(files, ({ blob }) => blob);
    for await (const { blob, content } of this.#blobs.readMany(files, held)) {
      for (const file of byBlob.get(blob) ?? []) yield { file, content };
    }
  }

  async #findDirectory(path: string): Promise<FoundDirectory> {
    const found = await this.#find(parsePath(path));
    if (found.kind === "directory") return found;
    throw new RefusedError("not_a_directory", `${path} is a ${found.kind}, not a directory.`);
  }

  async #find(path: string): Promise<Found> {
    let at: Found = { kind: "directory", path: "", tree: await this.#root() };
    for (const name of path === "" ? [] : path.split("/")) {
      if (at.kind !== "directory") throw this.#notFound(path, at);
      const entries = await this.#entriesOf(at);
      const entry = findName(entries, name);
      if (!entry) throw this.#notFound(path);
      at = locateEntry(entry, at.path);
    }
    return at;
  }

  async #entriesOf({ tree }: FoundDirectory): Promise<readonly TreeEntry[]> {
    return tree ? this.#blobs.tree(tree) : [];
  }

  /** The record names the root by its id alone; its size stands in the index. */
  async #root(): Promise<BlobReference | undefined> {
    if (this.#knownRoot) return this.#knownRoot;
    const { root } = this.record;
    if (this.deleted) return undefined;
    const place = await this.#blobs.find(root);
    if (place) return { blob: root, bytes: place.bytes };
    throw new RefusedError("corrupt", `The root tree of snapshot ${this.number} is in no pack.`);
  }

  #notFound(path: string, stop?: Found): RefusedError {
    const where = `project ${this.project}, snapshot ${this.number}`;
    const link =
      stop?.kind === "link"
        ? ` ${stop.path} is a link to ${stop.target}, which is not followed.`
        : "";
    return new RefusedError("not_found", `There is no ${path} in ${where}.${link}`);
  }
}

function toEntry(found: Found): Entry {
  if (found.kind !== "directory") return found;
  const { kind, path, tree } = found;
  return { kind, path, ...(tree && { tree: tree.blob }) };
}

function locateEntry(entry: TreeEntry, directory: string): Found {
  const path = joinPath(directory, entry.name);
  switch (entry.kind) {
    case "link":
      return { kind: "link", path, target: entry.target };
    case "directory":
      return { kind: "directory", path, tree: { blob: entry.blob, bytes: entry.bytes } };
    case "file": {
      const { bytes, executable, blob } = entry;
      return { kind: "file", path, bytes, executable, blob };
    }
  }
}
