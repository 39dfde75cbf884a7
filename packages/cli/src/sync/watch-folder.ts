import { goneProject, KeptContents, type PullConflict, RefusedError } from "@zenode/core";
import { FolderWatch } from "@zenode/node";
import type { FolderSync } from "./folder-sync.ts";
import { pullFolder } from "./pull-folder.ts";
import { hasChanges, pushFolder } from "./push-folder.ts";

/** Asked so much less often while nothing has happened for a while. */
const IDLE_FACTOR = 5;
const IDLE_AFTER_MS = 60_000;

/** What a watch tells. Times are from when the change was noticed, in milliseconds. */
export type WatchEvent =
  | { readonly event: "ready"; readonly snapshot: number; readonly watched: boolean }
  | {
      readonly event: "pushed";
      readonly snapshot: number;
      readonly paths: readonly string[];
      readonly ms: number;
    }
  | {
      readonly event: "pulled";
      readonly snapshot: number;
      readonly author: string;
      readonly written: readonly string[];
      readonly removed: readonly string[];
      readonly ms: number;
    }
  | ({ readonly event: "conflict"; readonly snapshot: number } & PullConflict)
  | { readonly event: "left_out"; readonly path: string; readonly reason: string }
  | { readonly event: "trouble"; readonly message: string };

export interface WatchOptions {
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly tell: (event: WatchEvent) => void;
}

/**
 * Keeps a folder and a project equal until it is aborted: changes here are pushed when they are noticed, those there
 * pulled when the head is asked for. Conflicts are kept as by `pullFolder`. What can't be done now is tried again; a
 * project that was deleted is waited for.
 */
export async function watchFolder(sync: FolderSync, options: WatchOptions): Promise<void> {
  const wake = new Wake();
  const folder = new FolderWatch(sync.root, () => wake.now());
  options.signal.addEventListener("abort", () => wake.now(), { once: true });
  const loop = new WatchLoop(sync, folder, options);
  try {
    for (let isReady = false; !options.signal.aborted; ) {
      const isDone = await loop.round();
      if (isDone && !isReady) loop.ready();
      isReady ||= isDone;
      if (!options.signal.aborted) await wake.orAfter(loop.pauseMs);
    }
  } finally {
    folder.close();
  }
}

class WatchLoop {
  readonly #sync: FolderSync;
  readonly #folder: FolderWatch;
  readonly #options: WatchOptions;
  readonly #toldLeft = new Set<string>();
  #activeAt = performance.now();
  #askedAt = Number.NEGATIVE_INFINITY;
  #isFirst = true;
  #trouble: string | undefined;

  constructor(sync: FolderSync, folder: FolderWatch, options: WatchOptions) {
    this.#sync = sync;
    this.#folder = folder;
    this.#options = options;
  }

  /** How long to wait for a change here before the head is asked for. */
  get pauseMs(): number {
    return Math.max(0, this.#askedAt + this.#pollMs - performance.now());
  }

  get #pollMs(): number {
    const isIdle = performance.now() - this.#activeAt > IDLE_AFTER_MS;
    return this.#options.pollMs * (isIdle ? IDLE_FACTOR : 1);
  }

  ready(): void {
    const { snapshot } = this.#sync.state;
    this.#options.tell({ event: "ready", snapshot, watched: !this.#folder.isBlind });
  }

  /** False: something could not be done now. */
  async round(): Promise<boolean> {
    const changed = this.#isFirst ? "all" : this.#folder.take();
    try {
      if (this.#isFirst || this.pauseMs === 0) await this.#pull(changed);
      else if (changed === "all" || changed.size > 0) await this.#push(changed);
      this.#isFirst = false;
      this.#trouble = undefined;
      return true;
    } catch (cause) {
      if (!(cause instanceof RefusedError)) throw cause;
      this.#folder.putBack(changed);
      this.#askedAt = performance.now();
      if (this.#trouble !== cause.message) {
        this.#options.tell({ event: "trouble", message: cause.message });
      }
      this.#trouble = cause.message;
      return false;
    }
  }

  /** What is new there, then what is new here. */
  async #pull(changed: ReadonlySet<string> | "all"): Promise<void> {
    const started = performance.now();
    this.#askedAt = started;
    const { snapshot, root } = this.#sync.state;
    const facts = await this.#sync.remote.look(snapshot > 0 ? { known: snapshot } : {});
    if (!facts && snapshot > 0) throw goneProject(this.#sync.project);
    if (facts && (facts.snapshot !== snapshot || facts.knownRoot !== root)) {
      await this.#takeOver(changed, started);
      await this.#push("all");
    } else if (changed === "all" || changed.size > 0) await this.#push(changed);
  }

  async #takeOver(changed: ReadonlySet<string> | "all", started: number): Promise<void> {
    const report = await pullFolder(this.#sync, changed === "all" ? {} : { changed });
    this.#askedAt = performance.now();
    const { snapshot, author, written, removed, conflicts, left } = report;
    const { tell } = this.#options;
    const ms = Math.round(performance.now() - started);
    for (const conflict of conflicts) tell({ event: "conflict", snapshot, ...conflict });
    if (written.length + removed.length > 0) {
      tell({ event: "pulled", snapshot, author, written, removed, ms });
      this.#activeAt = performance.now();
    }
    this.#tellLeft(left);
    this.#folder.follow(this.#sync.scan.directories());
  }

  async #push(changed: ReadonlySet<string> | "all"): Promise<void> {
    const started = performance.now();
    const kept = new KeptContents();
    const view = await this.#sync.look(changed === "all" ? { kept } : { kept, changed });
    this.#folder.follow(this.#sync.scan.directories());
    this.#tellLeft(view.skipped);
    if (this.#sync.state.snapshot > 0 && !hasChanges(this.#sync, view)) return;
    let report = await pushFolder(this.#sync, { message: "watch", view, kept });
    if (report.kind === "conflict") {
      await this.#takeOver(new Set(), started);
      report = await pushFolder(this.#sync, { message: "watch" });
    }
    if (report.kind === "conflict") return this.#folder.putBack("all");
    if (report.kind === "committed") {
      const { snapshot, changed: paths } = report;
      const ms = Math.round(performance.now() - started);
      this.#options.tell({ event: "pushed", snapshot, paths, ms });
      this.#activeAt = performance.now();
    }
    if (report.behind > 0) await this.#takeOver(new Set(), performance.now());
  }

  #tellLeft(left: readonly { readonly path: string; readonly reason: string }[]): void {
    for (const { path, reason } of left) {
      if (this.#toldLeft.has(path)) continue;
      this.#toldLeft.add(path);
      this.#options.tell({ event: "left_out", path, reason });
    }
  }
}

/** One sleeper, who may be woken. */
class Wake {
  #woken = Promise.withResolvers<void>();

  now(): void {
    this.#woken.resolve();
  }

  async orAfter(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#woken.resolve(), ms);
    await this.#woken.promise;
    clearTimeout(timer);
    this.#woken = Promise.withResolvers<void>();
  }
}
