import type { Stats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import path from "node:path";
import {
  comparePaths,
  joinPath,
  leavesTree,
  MAX_FILE_BYTES,
  parsePath,
  RefusedError,
  readAhead,
} from "@zenode/core";
import { IgnoreRules } from "../ignore-rules.ts";
import { isKept, OWNER_EXECUTES } from "../kept-entry.ts";

const LOOKS_AT_ONCE = 32;

export interface FoundFile {
  readonly kind: "file";
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
  readonly modifiedAt: number;
  /** Changes when the content may have. */
  readonly stamp: string;
}

export interface FoundLink {
  readonly kind: "link";
  readonly path: string;
  readonly target: string;
}

export interface FoundDirectory {
  readonly kind: "directory";
  readonly path: string;
  readonly rules: IgnoreRules;
}

export type Found = FoundFile | FoundLink | FoundDirectory;

/** A directory as it is now: what a push would take of it, and the names of the rest. */
export interface Listing {
  /** Sorted by name. */
  readonly found: readonly Found[];
  /** Paths that are not the project's; those of directories end in a slash. */
  readonly leftOut: readonly string[];
}

/**
 * What a push would take of a folder, looked up when it is asked for: without `.git`, without what
 * ignore files leave out, without files too large, links that lead out and names that are no paths.
 * No link is followed, so nothing outside of the folder can be named. Contents are not read here.
 */
export class FolderTree {
  /** A real path. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async top(): Promise<FoundDirectory> {
    return { kind: "directory", path: "", rules: await IgnoreRules.read(this.root) };
  }

  /** Undefined: there is no such path, or it is left out. @throws RefusedError `invalid_path`. */
  async find(asked: string): Promise<Found | undefined> {
    let at: Found = await this.top();
    for (const name of parsePath(asked).split("/").filter(Boolean)) {
      if (at.kind !== "directory") return undefined;
      const facts = await this.#lstat(joinPath(at.path, name));
      const next: Found | undefined = facts && (await this.#look(at, name, facts));
      if (!next) return undefined;
      at = next;
    }
    return at;
  }

  /** Whether a file at this path would be no part of the project, be it there or not. @throws RefusedError `invalid_path`. */
  async wouldLeaveOut(asked: string): Promise<boolean> {
    const names = parsePath(asked).split("/");
    let [above, rules] = ["", (await this.top()).rules];
    for (const [at, name] of names.entries()) {
      const isDirectory = at < names.length - 1;
      if (!isKept(namedEntry(name, isDirectory), above, rules)) return true;
      above = joinPath(above, name);
      if (isDirectory) rules = await rules.enter(this.root, above);
    }
    return false;
  }

  async list(directory: FoundDirectory): Promise<Listing> {
    const entries = await this.#readdir(directory.path);
    const found: Found[] = [];
    const leftOut: string[] = [];
    const looked = readAhead(entries, { items: LOOKS_AT_ONCE }, async (entry) => {
      const at = joinPath(directory.path, entry.name);
      const kept = isPath(at) && isKept(entry, directory.path, directory.rules);
      const facts = kept ? await this.#lstat(at) : undefined;
      const known = facts && (await this.#look(directory, entry.name, facts));
      return known ?? (entry.isDirectory() ? `${at}/` : at);
    });
    for await (const one of looked) {
      if (typeof one === "string") leftOut.push(one);
      else found.push(one);
    }
    return { found: found.sort((a, b) => comparePaths(a.path, b.path)), leftOut };
  }

  /** Every directory below and including this one, its parents before it, in `comparePaths` order. */
  async *listings(from: FoundDirectory): AsyncGenerator<Listing> {
    const listing = await this.list(from);
    yield listing;
    for (const entry of listing.found) {
      if (entry.kind === "directory") yield* this.listings(entry);
    }
  }

  async #look(
    { path: above, rules }: FoundDirectory,
    name: string,
    facts: Stats,
  ): Promise<Found | undefined> {
    if (!isKept(toEntry(name, facts), above, rules)) return undefined;
    const at = joinPath(above, name);
    if (facts.isDirectory()) {
      return { kind: "directory", path: at, rules: await rules.enter(this.root, at) };
    }
    if (facts.isSymbolicLink()) {
      const target = await readlink(path.join(this.root, at));
      return leavesTree(at, target) ? undefined : { kind: "link", path: at, target };
    }
    return facts.size > MAX_FILE_BYTES ? undefined : toFile(at, facts);
  }

  async #lstat(relative: string): Promise<Stats | undefined> {
    try {
      return await lstat(path.join(this.root, relative));
    } catch (cause) {
      return absent(cause);
    }
  }

  async #readdir(relative: string) {
    try {
      return await readdir(path.join(this.root, relative), { withFileTypes: true });
    } catch (cause) {
      return absent(cause) ?? [];
    }
  }
}

const ABSENT = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM"]);

/** What vanishes while it is looked at, or may not be looked at, is not there. */
function absent(cause: unknown): undefined {
  if (ABSENT.has((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
  throw cause;
}

function isPath(text: string): boolean {
  try {
    parsePath(text);
    return true;
  } catch (cause) {
    if (cause instanceof RefusedError) return false;
    throw cause;
  }
}

function namedEntry(name: string, isDirectory: boolean): Parameters<typeof isKept>[0] {
  return {
    name,
    isDirectory: () => isDirectory,
    isFile: () => !isDirectory,
    isSymbolicLink: () => false,
  };
}

function toEntry(name: string, facts: Stats): Parameters<typeof isKept>[0] {
  return {
    name,
    isDirectory: () => facts.isDirectory(),
    isFile: () => facts.isFile(),
    isSymbolicLink: () => facts.isSymbolicLink(),
  };
}

function toFile(at: string, { size, mode, mtimeMs, ctimeMs, ino }: Stats): FoundFile {
  return {
    kind: "file",
    path: at,
    bytes: size,
    executable: (mode & OWNER_EXECUTES) !== 0,
    modifiedAt: mtimeMs,
    stamp: `${ino}:${size}:${mtimeMs}:${ctimeMs}`,
  };
}
