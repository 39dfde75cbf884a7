import { RefusedError } from "../lib/error.ts";
import type { BlobFinder, LocatedBlob } from "./blob-finder.ts";
import type { BlobReader } from "./blob-reader.ts";
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
import { utf8Length } from "./utf8-length.ts";

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

/**
 * Walks everything reachable from a root: every tree is read and checked, every file must lie in a
 * pack with the size its tree says. Equal subtrees are walked once and counted as often as they
 * occur, so a small upload can't stand for endless work.
 * @throws RefusedError `not_found` (a blob is missing), `too_large` (a limit), `invalid_path` (a path
 *   too long, a link that leaves the tree), `invalid_input` (a directory without a file), `corrupt`.
 */
export async function measureTree(root: string, blobs: BlobReader): Promise<MeasuredTree> {
  const walk = new TreeWalk(blobs, await blobs.finder());
  const place = walk.locate(root);
  const extent = await walk.measure({ blob: root, bytes: place.bytes }, 0);
  if (extent.climbs > 0) throw new RefusedError("invalid_path", "A link leads out of the project.");
  const { files, bytes, entries } = extent;
  return { files, bytes, entries, packs: walk.packs };
}

/**
 * What one entry amounts to, a directory with all below it, which is checked as `measureTree` does.
 * @throws RefusedError as `measureTree`.
 */
export async function measureEntry(entry: TreeEntry, blobs: BlobReader): Promise<Extent> {
  return new TreeWalk(blobs, await blobs.finder()).measureEntry(entry, 0);
}

class TreeWalk {
  readonly packs = new Set<Pack>();
  readonly #blobs: BlobReader;
  readonly #finder: BlobFinder;
  readonly #known = new Map<string, Extent>();

  constructor(blobs: BlobReader, finder: BlobFinder) {
    this.#blobs = blobs;
    this.#finder = finder;
  }

  locate(blob: string): LocatedBlob {
    const place = this.#finder.find(blob);
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
    this.#checkSize(tree, MAX_TREE_BYTES);
    let sum = EMPTY;
    for (const entry of await this.#blobs.tree(tree)) {
      const measured = this.measureEntry(entry, depth);
      // Files, which are most, need no turn of the event loop.
      sum = checkLimits(add(sum, entry, measured instanceof Promise ? await measured : measured));
    }
    this.#known.set(tree.blob, sum);
    return sum;
  }

  measureEntry(entry: TreeEntry, depth: number): Extent | Promise<Extent> {
    switch (entry.kind) {
      case "file":
        this.#checkSize(entry, MAX_FILE_BYTES);
        return { ...EMPTY, files: 1, bytes: entry.bytes };
      case "link": {
        const climbs = countClimbs(entry.target);
        if (climbs !== undefined) return { ...EMPTY, files: 1, climbs };
        throw new RefusedError("invalid_path", `The link ${entry.name} leads out of the project.`);
      }
      case "directory":
        return this.#measureDirectory(entry, depth);
    }
  }

  async #measureDirectory(
    directory: TreeEntry & { readonly kind: "directory" },
    depth: number,
  ): Promise<Extent> {
    const below = await this.measure(directory, depth + 1);
    if (below.entries > 0) return { ...below, climbs: Math.max(0, below.climbs - 1) };
    throw new RefusedError("invalid_input", `The directory ${directory.name} is without a file.`);
  }

  #checkSize({ blob, bytes }: BlobReference, maxBytes: number): void {
    const place = this.locate(blob);
    if (place.bytes !== bytes) {
      throw new RefusedError("corrupt", `The blob ${blob} has ${place.bytes} bytes, not ${bytes}.`);
    }
    if (bytes > maxBytes) {
      throw new RefusedError("too_large", `A file has ${bytes} bytes, over ${maxBytes}.`);
    }
  }
}

function add(sum: Extent, entry: TreeEntry, below: Extent): Extent {
  const name = utf8Length(entry.name);
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
