import { type BigIntStats, type Dirent, lstatSync, readdirSync } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { comparePaths, joinPath, RefusedError, readAhead, type SourceFile } from "@zenode/core";
import { ConfinedDirectory, parentOf, placeBelow } from "./confined-directory.ts";
import { stampOf } from "./file-stamp.ts";
import { IGNORE_FILES, IgnoreRules } from "./ignore-rules.ts";
import { isKept, OWNER_EXECUTES } from "./kept-entry.ts";
import { readConfined } from "./live-folder/read-confined.ts";
import { quickCalls } from "./quick-calls.ts";
import { isAbandoned } from "./temporary-name.ts";
import { absent } from "./vanished.ts";

const LOOKS_AT_ONCE = 32;
const DIRECTORIES_AT_ONCE = 8;

/** A file or link as it was looked at. */
export type ScannedFile = SourceFile & { readonly stamp: string };

interface ScannedDirectory {
  readonly rules: IgnoreRules;
  /** Stamps of the ignore files in it. */
  readonly rulesStamp: string;
  readonly files: readonly ScannedFile[];
  /** Inodes by name: another inode is another directory. */
  readonly directories: ReadonlyMap<string, bigint>;
  readonly abandoned: readonly string[];
}

/**
 * The files of a local folder that a push takes, kept from one look to the next: without `.git`, without what `.gitignore`
 * and `.zenodeignore` files leave out (nested ones count below their directory), links as links. Sockets, pipes and devices
 * are passed over. Rules above the folder do not count.
 */
export class FolderScan {
  /** A real path. */
  readonly root: string;
  readonly #directories = new Map<string, ScannedDirectory>();

  constructor(root: string) {
    this.root = root;
  }

  /** All of them, sorted by `comparePaths`. */
  files(): readonly ScannedFile[] {
    const files = [...this.#directories.values()].flatMap((directory) => directory.files);
    return files.sort((a, b) => comparePaths(a.path, b.path));
  }

  directories(): ReadonlySet<string> {
    return new Set(this.#directories.keys());
  }

  /** Looks again: at everything, or at these directories and what is new below them. */
  async refresh(changed?: Iterable<string>): Promise<void> {
    const known = [...(changed ?? [])].map((directory) => this.#nearestKnown(directory));
    if (!changed || known.includes(undefined)) {
      this.#directories.clear();
      return this.#enter("", await IgnoreRules.read(this.root));
    }
    for (const directory of new Set(known)) {
      const before = directory === undefined ? undefined : this.#directories.get(directory);
      // One that went with another of them is looked at no more.
      if (directory !== undefined && before) await this.#look(directory, before);
    }
  }

  /** A path that the rules may leave out; undefined: nothing is there, or not without following a link. */
  async look(relative: string): Promise<ScannedFile | undefined> {
    try {
      await (await ConfinedDirectory.open(this.root, parentOf(relative))).close();
    } catch (cause) {
      if (cause instanceof RefusedError) return undefined;
      throw cause;
    }
    return lookAt(this.root, relative);
  }

  /** What writers that were killed left. */
  abandoned(): readonly string[] {
    return [...this.#directories.values()].flatMap((directory) => directory.abandoned);
  }

  #nearestKnown(directory: string): string | undefined {
    for (let at = directory; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
      if (this.#directories.has(at)) return at;
    }
    return this.#directories.has("") ? "" : undefined;
  }

  async #look(directory: string, before: ScannedDirectory): Promise<void> {
    const listed = await this.#list(directory, before.rules);
    if (listed.rulesStamp !== before.rulesStamp) {
      this.#leave(directory);
      const above =
        directory === "" ? undefined : this.#directories.get(parentOf(directory))?.rules;
      const rules = above
        ? await above.enter(this.root, directory)
        : await IgnoreRules.read(this.root);
      return this.#enter(directory, rules);
    }
    this.#directories.set(directory, listed);
    for (const [name, inode] of before.directories) {
      if (listed.directories.get(name) !== inode) this.#leave(joinPath(directory, name));
    }
    for (const [name, inode] of listed.directories) {
      const below = joinPath(directory, name);
      if (before.directories.get(name) === inode) continue;
      await this.#enter(below, await listed.rules.enter(this.root, below));
    }
  }

  #leave(directory: string): void {
    const below = directory === "" ? "" : `${directory}/`;
    for (const known of this.#directories.keys()) {
      if (known === directory || known.startsWith(below)) this.#directories.delete(known);
    }
  }

  /** Level by level, `rules` being those that hold in the top one. */
  async #enter(top: string, rules: IgnoreRules): Promise<void> {
    let level = [{ directory: top, listed: await this.#list(top, rules) }];
    while (level.length > 0) {
      for (const { directory, listed } of level) this.#directories.set(directory, listed);
      const below = level.flatMap(({ directory, listed }) =>
        [...listed.directories.keys()].map((name) => ({
          directory: joinPath(directory, name),
          above: listed.rules,
        })),
      );
      level = [];
      const limits = { items: DIRECTORIES_AT_ONCE };
      const entered = readAhead(below, limits, async ({ directory, above }) => ({
        directory,
        listed: await this.#listBelow(directory, above),
      }));
      for await (const one of entered) level.push(one);
    }
  }

  /** A directory that may have rules of its own: most have none, which their listing tells. */
  async #listBelow(directory: string, above: IgnoreRules): Promise<ScannedDirectory> {
    const entries = await this.#readdir(directory);
    const hasRules = ignoreFilesIn(entries).length > 0;
    const rules = hasRules ? await above.enter(this.root, directory) : above;
    return this.#examine(directory, entries, rules);
  }

  async #list(directory: string, rules: IgnoreRules): Promise<ScannedDirectory> {
    return this.#examine(directory, await this.#readdir(directory), rules);
  }

  async #examine(
    directory: string,
    entries: readonly Dirent[],
    rules: IgnoreRules,
  ): Promise<ScannedDirectory> {
    const kept = entries.filter((entry) => isKept(entry, directory, rules));
    const files: ScannedFile[] = [];
    const directories = new Map<string, bigint>();
    const looked = readAhead(kept, { items: LOOKS_AT_ONCE }, async (entry) => {
      const at = joinPath(directory, entry.name);
      if (!entry.isDirectory()) return { file: await lookAt(this.root, at) };
      const facts = await factsOf(placeBelow(this.root, at));
      return { name: entry.name, inode: facts?.isDirectory() ? facts.ino : undefined };
    });
    for await (const { file, name, inode } of looked) {
      if (file) files.push(file);
      else if (inode !== undefined && name !== undefined) directories.set(name, inode);
    }
    const abandoned = entries
      .filter((entry) => isAbandoned(entry.name) && !entry.isDirectory())
      .map(({ name }) => joinPath(directory, name));
    const rulesStamp = await this.#stampRules(directory, entries);
    return { rules, rulesStamp, files, directories, abandoned };
  }

  async #stampRules(directory: string, entries: readonly Dirent[]): Promise<string> {
    const stamps = ignoreFilesIn(entries).map(async (name) => {
      const facts = await factsOf(placeBelow(this.root, joinPath(directory, name)));
      return facts ? `${name} ${stampOf(facts)}` : "";
    });
    return (await Promise.all(stamps)).join(" ");
  }

  /** What may not be read is a failure: taken for empty, it would be deleted in the project. */
  async #readdir(directory: string): Promise<readonly Dirent[]> {
    const place = placeBelow(this.root, directory);
    try {
      const now = quickCalls.now(() => readdirSync(place, { withFileTypes: true }));
      return now ?? (await readdir(place, { withFileTypes: true }));
    } catch (cause) {
      if (directory === "") throw cause;
      absent(cause as NodeJS.ErrnoException);
      return [];
    }
  }
}

/** Some file systems take `.GITIGNORE` for the same name. */
function ignoreFilesIn(entries: readonly Dirent[]): readonly string[] {
  return IGNORE_FILES.filter((name) => entries.some((one) => one.name.toLowerCase() === name));
}

/** Undefined: nothing is there. */
async function factsOf(absolute: string): Promise<BigIntStats | undefined> {
  try {
    const now = quickCalls.now(() => lstatSync(absolute, { bigint: true }));
    return now ?? (await lstat(absolute, { bigint: true }));
  } catch (cause) {
    return absent(cause as NodeJS.ErrnoException);
  }
}

async function lookAt(root: string, relative: string): Promise<ScannedFile | undefined> {
  const absolute = placeBelow(root, relative);
  const facts = await factsOf(absolute);
  if (!facts) return undefined;
  const stamp = stampOf(facts);
  if (facts.isSymbolicLink()) {
    const target = await readlink(absolute).catch(absent);
    if (target === undefined) return undefined;
    return { kind: "link", path: relative, target, stamp };
  }
  if (!facts.isFile()) return undefined;
  const bytes = Number(facts.size);
  const executable = (Number(facts.mode) & OWNER_EXECUTES) !== 0;
  const read = () => readConfined(root, relative, Number.MAX_SAFE_INTEGER);
  return { kind: "file", path: relative, bytes, executable, read, stamp };
}
