import { type FSWatcher, watch } from "node:fs";
import path from "node:path";
import { joinPath } from "@zenode/core";
import { isTemporaryName } from "../temporary-name.ts";

/** Changes that follow one another so fast are looked at together … */
const QUIET_MS = 60;
/** … but none waits longer than this. */
const LONGEST_MS = 300;
/** Without events, or with fewer than there should be, everything is looked at again after this time. */
const BLIND_MS = 2_000;
const RESCAN_MS = 60_000;

/** Directories that may have changed; `all`: which ones is not known. */
export type Changed = ReadonlySet<string> | "all";

/**
 * Tells when something in a folder may have changed: one watch for each directory that is followed, so what ignore rules
 * leave out costs nothing. Where the system has no watches left, everything counts as changed every two seconds; else once
 * a minute, for events that got lost.
 */
export class FolderWatch {
  readonly #root: string;
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = new Set<string>();
  #isAll = false;
  #isBlind = false;
  #quiet: NodeJS.Timeout | undefined;
  #firstAt: number | undefined;
  #rescan: NodeJS.Timeout;

  constructor(root: string, onChange: () => void) {
    this.#root = root;
    this.#onChange = onChange;
    this.#rescan = setInterval(() => this.#noteAll(), RESCAN_MS);
  }

  /** Whether all directories are watched. */
  get isBlind(): boolean {
    return this.#isBlind;
  }

  /** Watches these directories and no others. What happened in a new one before its watch began counts as changed. */
  follow(directories: ReadonlySet<string>): void {
    for (const [directory, watcher] of this.#watchers) {
      if (directories.has(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    for (const directory of directories) {
      if (this.#isBlind) return;
      if (!this.#watchers.has(directory)) this.#watch(directory);
    }
  }

  /** What may have changed since it was last asked. */
  take(): Changed {
    const taken: Changed = this.#isAll ? "all" : this.#changed;
    this.#changed = new Set();
    this.#isAll = false;
    return taken;
  }

  /** For changes that were taken and could not be dealt with. */
  putBack(changed: Changed): void {
    if (changed === "all") this.#isAll = true;
    else for (const directory of changed) this.#changed.add(directory);
  }

  close(): void {
    clearInterval(this.#rescan);
    clearTimeout(this.#quiet);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(path.join(this.#root, directory), (_, name) => {
        if (name === null || !isTemporaryName(name)) this.#note(directory, name);
      });
      watcher.on("error", () => this.#lose(directory));
      this.#watchers.set(directory, watcher);
      this.#note(directory, null);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "ENOSPC" || code === "EMFILE") this.#goBlind();
      else if (code === "ENOENT" || code === "ENOTDIR") this.#noteAll();
      else throw cause;
    }
  }

  /** A directory that is gone ends its watch; what is there now is found by looking at the one above. */
  #lose(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
    this.#note(directory, null);
  }

  #goBlind(): void {
    this.#isBlind = true;
    clearInterval(this.#rescan);
    this.#rescan = setInterval(() => this.#noteAll(), BLIND_MS);
    this.#noteAll();
  }

  #noteAll(): void {
    this.#isAll = true;
    this.#tell();
  }

  #note(directory: string, name: string | null): void {
    this.#changed.add(directory);
    // A directory that was replaced by another of its name has a watch that hears nothing.
    const below = name === null ? undefined : joinPath(directory, name);
    const stale = below === undefined ? undefined : this.#watchers.get(below);
    if (below !== undefined && stale) {
      stale.close();
      this.#watchers.delete(below);
    }
    this.#tell();
  }

  #tell(): void {
    const now = performance.now();
    this.#firstAt ??= now;
    clearTimeout(this.#quiet);
    const waitMs = Math.max(0, Math.min(QUIET_MS, this.#firstAt + LONGEST_MS - now));
    this.#quiet = setTimeout(() => {
      this.#firstAt = undefined;
      this.#onChange();
    }, waitMs);
  }
}
