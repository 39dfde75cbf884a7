import type { ListedEntry, Snapshot } from "@zenode/core";

/** One directory never takes all the lines. */
const MAX_CHILDREN = 100;

export interface GrowOrder {
  readonly path: string;
  /** Levels below the top. */
  readonly depth: number;
  /** False: directories only. */
  readonly files: boolean;
  /** Of all entries below the top, with one for each directory of which some are hidden. */
  readonly maxLines: number;
}

export interface Directory {
  readonly path: string;
  /** Directly in it. */
  readonly counts: Counts;
  /** Sorted by name; empty for one that is not opened. */
  shown: readonly Branch[];
  /** Of its entries, when it is opened; directories only, if only they are wanted. */
  hidden: Counts;
  isOpened: boolean;
}

export type Branch = Directory | Exclude<ListedEntry, { readonly kind: "directory" }>;

export interface Counts {
  readonly files: number;
  readonly links: number;
  readonly directories: number;
  /** Of the files. */
  readonly bytes: number;
}

/**
 * What is shown of a tree: level by level until the lines are used up, so that what is left out lies deep. Reads the
 * directories it shows, each once. @throws RefusedError `not_found`, `not_a_directory`.
 */
export async function growTree(snapshot: Snapshot, order: GrowOrder): Promise<Directory> {
  const listings = new Map<Directory, readonly ListedEntry[]>();
  const top = await read(order.path);
  let level: readonly Directory[] = [top];
  let left = order.maxLines;
  for (let depth = 0; depth < order.depth && left > 0 && level.length > 0; depth++) {
    const next: Directory[] = [];
    for (const directory of level) next.push(...(await open(directory)));
    level = next;
  }
  return top;

  async function read(path: string): Promise<Directory> {
    const entries = await snapshot.list(path);
    const hidden = countEntries([]);
    const counts = countEntries(entries);
    const directory = { path, counts, shown: [], hidden, isOpened: false };
    listings.set(directory, entries);
    return directory;
  }

  /** The directories in it that are shown. */
  async function open(directory: Directory): Promise<readonly Directory[]> {
    const all = (listings.get(directory) ?? []).filter(
      ({ kind }) => order.files || kind === "directory",
    );
    listings.delete(directory);
    const taken = choose(all, Math.min(left, MAX_CHILDREN));
    if (all.length > 0 && taken.size === 0) return [];
    directory.isOpened = true;
    directory.hidden = countEntries(all.filter((entry) => !taken.has(entry)));
    left -= taken.size + (taken.size < all.length ? 1 : 0);
    const shown: Branch[] = [];
    for (const entry of taken) {
      shown.push(entry.kind === "directory" ? await read(entry.path) : entry);
    }
    directory.shown = shown;
    return shown.filter(isDirectory);
  }
}

/** As many as there are lines for, one of them for what is left out; directories before files, in their old order. */
function choose(all: readonly ListedEntry[], lines: number): ReadonlySet<ListedEntry> {
  if (all.length <= lines) return new Set(all);
  const directories = all.filter(({ kind }) => kind === "directory");
  const others = all.filter(({ kind }) => kind !== "directory");
  const chosen = new Set([...directories, ...others].slice(0, Math.max(0, lines - 1)));
  return new Set(all.filter((entry) => chosen.has(entry)));
}

export function isDirectory(branch: Branch): branch is Directory {
  return "counts" in branch;
}

function countEntries(entries: readonly ListedEntry[]): Counts {
  const of = (wanted: string) => entries.filter(({ kind }) => kind === wanted).length;
  const bytes = entries.reduce((sum, entry) => sum + (entry.kind === "file" ? entry.bytes : 0), 0);
  return { files: of("file"), links: of("link"), directories: of("directory"), bytes };
}
