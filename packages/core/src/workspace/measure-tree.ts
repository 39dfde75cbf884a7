import { RefusedError } from "../lib/error.ts";
import type { BlobReader, LocatedBlob } from "./blob-reader.ts";
import {
  MAX_ENTRIES,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_PATH_BYTES,
  MAX_SNAPSHOT_BYTES,
  MAX_TREE_BYTES,
} from "./limits.ts";
import { countClimbs } from "./link-target.ts";
import type { Pack } from "./pack.ts";
import type { BlobReference, TreeEntry } from "./tree.ts";

/** What lies below a tree or is an entry, each path counted. */
export interface Extent {
  /** Files and links. */
  readonly files: number;
  readonly bytes: number;
  /** Files, links and directories. */
  readonly entries: number;
  /** Of the longest path, relative to the tree. */
  readonly pathBytes: number;
  /** Directories above the tree that a link below it climbs to, at most. */
  readonly climbs: number;
}

export interface MeasuredTree {
  readonly files: number;
  readonly bytes: number;
  /** Files, links and directories. */
  readonly entries: number;
  /** Packs that hold something reachable. */
  readonly packs: ReadonlySet<Pack>;
}

const EMPTY: Extent = { files: 0, bytes: 0, entries: 0, pathBytes: 0, climbs: 0 };
const encoder = new TextEncoder();

/**
 * Walks everything reachable from a root: every tree is read and checked, every file must lie in a
 * pack with the size its tree says. Equal subtrees are walked once and counted as often as they
 * occur, so a small upload can't stand for endless work.
 * @throws RefusedError `not_found` (a blob is missing), `too_large` (a limit), `invalid_path` (a path
 *   too long, a link that leaves the tree), `invalid_input` (a directory without a file), `corrupt`.
 */
export async function measureTree(root: string, blobs: BlobReader): Promise<MeasuredTree> {
  const walk = new TreeWalk(blobs);
  const place = await walk.locate(root);
  const extent = await walk.measure({ blob: root, bytes: place.bytes }, 0);
  if (extent.climbs > 0) throw new RefusedError("invalid_path", "A link leads out of the project.");
  const { files, bytes, entries } = extent;
  return { files, bytes, entries, packs: walk.packs };
}

/**
 * What one entry amounts to, a directory with all below it, which is checked as `measureTree` does.
 * @throws RefusedError as `measureTree`.
 */
export function measureEntry(entry: TreeEntry, blobs: BlobReader): Promise<Extent> {
  return new TreeWalk(blobs).measureEntry(entry, 0);
}

class TreeWalk {
  readonly packs = new Set<Pack>();
  readonly #blobs: BlobReader;
  readonly #known = new Map<string, Extent>();

  constructor(blobs: BlobReader) {
    this.#blobs = blobs;
  }

  async locate(blob: string): Promise<LocatedBlob> {
    const place = await this.#blobs.find(blob);
    if (!place) throw new RefusedError("not_found", `The blob ${blob} was not uploaded.`);
    this.packs.add(place.pack);
    if ("chunks" in place) for (const pack of place.chunkPacks) this.packs.add(pack);
    return place;
  }

  async measure(tree: BlobReference, depth: number): Promise<Extent> {
    const known = this.#known.get(tree.blob);
    if (known) return known;
    // A name and a slash take two bytes at least; deeper than this no path is valid.
    if (depth > MAX_PATH_BYTES / 2) throw new RefusedError("invalid_path", "The tree is too deep.");
    await this.#checkSize(tree, MAX_TREE_BYTES);
    let sum = EMPTY;
    for (const entry of await this.#blobs.tree(tree)) {
      sum = checkLimits(add(sum, entry, await this.measureEntry(entry, depth)));
    }
    this.#known.set(tree.blob, sum);
    return sum;
  }

  async measureEntry(entry: TreeEntry, depth: number): Promise<Extent> {
    switch (entry.kind) {
      case "file":
        await this.#checkSize(entry, MAX_FILE_BYTES);
        return { ...EMPTY, files: 1, bytes: entry.bytes };
      case "link": {
        const climbs = countClimbs(entry.target);
        if (climbs !== undefined) return { ...EMPTY, files: 1, climbs };
        throw new RefusedError("invalid_path", `The link ${entry.name} leads out of the project.`);
      }
      case "directory": {
        const below = await this.measure(entry, depth + 1);
        if (below.entries === 0) {
          throw new RefusedError("invalid_input", `The directory ${entry.name} is without a file.`);
        }
        return { ...below, climbs: Math.max(0, below.climbs - 1) };
      }
    }
  }

  async #checkSize({ blob, bytes }: BlobReference, maxBytes: number): Promise<void> {
    const place = await this.locate(blob);
    if (place.bytes !== bytes) {
      throw new RefusedError("corrupt", `The blob ${blob} has ${place.bytes} bytes, not ${bytes}.`);
    }
    if (bytes > maxBytes) {
      throw new RefusedError("too_large", `A file has ${bytes} bytes, over ${maxBytes}.`);
    }
  }
}

function add(sum: Extent, entry: TreeEntry, below: Extent): Extent {
  const name = encoder.encode(entry.name).length;
  return {
    files: sum.files + below.files,
    bytes: sum.bytes + below.bytes,
    entries: sum.entries + below.entries + 1,
    pathBytes: Math.max(sum.pathBytes, name + (below.pathBytes > 0 ? below.pathBytes + 1 : 0)),
    climbs: Math.max(sum.climbs, below.climbs),
  };
}

/** @throws RefusedError `too_large`: a project has more files, directories or bytes than one may have. */
export function checkTotals({
  files,
  bytes,
  entries,
}: Pick<Extent, "files" | "bytes" | "entries">): void {
  if (files > MAX_FILES) {
    throw new RefusedError("too_large", `A project has at most ${MAX_FILES} files.`);
  }
  if (bytes > MAX_SNAPSHOT_BYTES) {
    throw new RefusedError("too_large", `A project has at most ${MAX_SNAPSHOT_BYTES} bytes.`);
  }
  if (entries > MAX_ENTRIES) {
    throw new RefusedError(
      "too_large",
      `A project has at most ${MAX_ENTRIES} files and directories.`,
    );
  }
}

function checkLimits(extent: Extent): Extent {
  checkTotals(extent);
  if (extent.pathBytes > MAX_PATH_BYTES) {
    throw new RefusedError("invalid_path", `A path is over ${MAX_PATH_BYTES} bytes.`);
  }
  return extent;
}
