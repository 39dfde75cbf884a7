import {
  type ImportedFile,
  type ImportedFiles,
  isGitFolder,
  leavesTree,
  MAX_ENTRIES,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_PATH_BYTES,
  MAX_SNAPSHOT_BYTES,
  MIB,
  parsePath,
  RefusedError,
} from "@zenode/core";
import type { Spool } from "./spool.ts";

export interface IncomingLimits {
  readonly files: number;
  /** With directories and what is left out. */
  readonly entries: number;
  readonly fileBytes: number;
  readonly bytes: number;
}

export const PROJECT_LIMITS: IncomingLimits = {
  files: MAX_FILES,
  entries: MAX_ENTRIES,
  fileBytes: MAX_FILE_BYTES,
  bytes: MAX_SNAPSHOT_BYTES,
};

/** So many are told apart by name. */
const MOST_LEFT_OUT = 10_000;

export interface IncomingOptions {
  readonly spool: Spool;
  /** Only what lies below it is taken, without it in its path; "": all. A parsed path. */
  readonly folder: string;
  readonly limits: IncomingLimits;
  /** What becomes of a name that no project can have: git's trees may honestly hold one, archives of our time don't. */
  readonly badPaths: "refuse" | "leave out";
}

/** `a/b` -> `a`. */
function* directoriesAbove(path: string): Generator<string> {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    yield path.slice(0, slash);
  }
}

/** Files from outside as they come: each path and link is checked, all of them stay below the limits of a project. */
export class IncomingFiles {
  readonly #options: IncomingOptions;
  readonly #files = new Map<string, ImportedFile>();
  readonly #directories = new Set<string>();
  /** Why, by path. */
  readonly #leftOut = new Map<string, string>();
  #entries = 0;
  #bytes = 0;

  constructor(options: IncomingOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#files.size;
  }

  /**
   * Where a name from outside comes to lie; undefined: it is not wanted, or was left out.
   * @throws RefusedError `invalid_path`, `too_large`.
   */
  place(name: string): string | undefined {
    this.#entries += 1;
    if (this.#entries > this.#options.limits.entries) {
      throw tooLarge(`over ${this.#options.limits.entries} entries`);
    }
    // What is much longer is no path, and the expressions here would take their time with it.
    const isLong = name.length > 2 * MAX_PATH_BYTES;
    const plain = isLong ? name : name.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
    if (plain === "" || plain === ".") return undefined;
    const path = isLong ? this.#parse(plain) : this.#check(plain);
    const { folder } = this.#options;
    if (path === undefined || folder === "") return path;
    return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
  }

  /** @throws RefusedError `too_large`, `invalid_input`. */
  async addFile(
    path: string,
    content: AsyncIterable<Uint8Array>,
    executable: boolean,
  ): Promise<void> {
    const { spool, limits } = this.#options;
    this.#checkNew(path);
    const later = await spool.add(content, limits.fileBytes);
    if (!later) this.leaveOut(path, `it has over ${limits.fileBytes / MIB} MiB`);
    else this.#keep({ kind: "file", path, content: later, executable }, later.bytes);
  }

  /** A link that leads out is left out. @throws RefusedError `too_large`, `invalid_input`. */
  addLink(path: string, target: string): void {
    this.#checkNew(path);
    if (leavesTree(path, target)) this.leaveOut(path, "it is a link that leads out of the project");
    else this.#keep({ kind: "link", path, target }, 0);
  }

  /** The same file at another path. @throws RefusedError `invalid_input`: none of that path came before. */
  addCopy(path: string, of: string, executable?: boolean): void {
    this.#checkNew(path);
    if (this.#leftOut.has(of)) {
      this.leaveOut(path, `it is a hard link to ${of}, which stays out`);
      return;
    }
    const file = this.#files.get(of);
    if (file?.kind !== "file" || file.content instanceof Uint8Array) {
      throw hostile(`${shown(path)} is a hard link to ${shown(of)}, which is no file before it`);
    }
    const mode = { executable: executable ?? file.executable };
    this.#keep({ ...file, ...mode, path }, file.content.bytes);
  }

  addDirectory(path: string): void {
    this.#directories.add(path);
  }

  /** @throws RefusedError `too_large`: that is most of it. */
  leaveOut(path: string, why: string): void {
    this.#leftOut.set(path.slice(0, MAX_PATH_BYTES), why);
    if (this.#leftOut.size > MOST_LEFT_OUT) {
      throw tooLarge(`over ${MOST_LEFT_OUT} entries that no project can have`);
    }
  }

  /** @throws RefusedError `invalid_input`: a path is both a file and a directory; `not_found`: nothing lies in the folder. */
  done(): Pick<ImportedFiles, "files" | "bytes" | "leftOut"> {
    for (const path of this.#files.keys()) {
      for (const above of directoriesAbove(path)) this.#directories.add(above);
    }
    const both = [...this.#directories].find((path) => this.#files.has(path));
    if (both !== undefined) throw hostile(`${shown(both)} is a directory and something else`);
    const { folder } = this.#options;
    if (folder !== "" && this.#files.size === 0) {
      throw new RefusedError("not_found", `There are no files in a directory ${shown(folder)}.`);
    }
    const leftOut = [...this.#leftOut].map(([path, why]) => ({ path, why }));
    return { files: [...this.#files.values()], bytes: this.#bytes, leftOut };
  }

  #check(name: string): string | undefined {
    const names = name.split("/");
    const git = names.findIndex(isGitFolder);
    if (git >= 0) {
      // Whoever packs a folder packs git's along; of all in it, it alone is named.
      this.leaveOut(names.slice(0, git + 1).join("/"), "git's own folder is no part of a project");
      return undefined;
    }
    return this.#parse(name);
  }

  #parse(name: string): string | undefined {
    try {
      return parsePath(name);
    } catch (cause) {
      if (!(cause instanceof RefusedError) || this.#options.badPaths === "refuse") throw cause;
      this.leaveOut(name, cause.message);
      return undefined;
    }
  }

  #checkNew(path: string): void {
    if (this.#files.has(path)) throw hostile(`${shown(path)} is in it twice`);
  }

  #keep(file: ImportedFile, bytes: number): void {
    const { limits } = this.#options;
    this.#bytes += bytes;
    this.#files.set(file.path, file);
    if (this.#bytes > limits.bytes) throw tooLarge(`over ${limits.bytes / MIB} MiB`);
    if (this.#files.size > limits.files) throw tooLarge(`over ${limits.files} files`);
  }
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}

/** @param why ends the sentence. */
export function hostile(why: string, cause?: unknown): RefusedError {
  const text = `This can't be imported: ${printable(why)}. Nothing was written.`;
  return new RefusedError("invalid_input", text, { cause });
}

/** Words from outside as a terminal and a log can take them. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

export function tooLarge(what: string): RefusedError {
  return new RefusedError(
    "too_large",
    `This can't be imported: it has ${what}. Nothing was written.`,
  );
}
