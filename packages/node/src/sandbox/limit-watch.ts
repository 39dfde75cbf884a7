import { statfs } from "node:fs/promises";
import type { Clock, Excess, SandboxLimits } from "@zenode/core";
import type { CallProcesses } from "../call-processes.ts";
import { folderBytes } from "./folder-size.ts";
import type { SandboxPlace } from "./place.ts";

/** Between two looks: a command gets as far over a limit as it can within this. */
const LOOK_MS = 100;
/** Sizing a folder costs a look at each file: it is done when the disk has become fuller, else so often. */
const SIZE_MS = 5_000;

export interface Watched {
  readonly processes: CallProcesses;
  readonly place: SandboxPlace;
  readonly limits: SandboxLimits;
  readonly clock: Clock;
  /** Nobody else fills the disk: what is gone from it is the command's, files too that it has deleted and holds open. */
  readonly ownsDisk: boolean;
}

/** Looks at what a command takes until it is over a limit or the signal aborts. */
export async function watchLimits(
  watched: Watched,
  signal: AbortSignal,
): Promise<Excess | undefined> {
  const { processes, limits, clock } = watched;
  const disk = new DiskWatch(watched);
  while (!signal.aborted) {
    const { processes: count, residentBytes } = processes.usage();
    // First: those of too many processes are over their memory soon, too.
    if (count > limits.processes) return "processes";
    if (residentBytes > limits.memoryBytes) return "memory";
    if (await disk.isOver()) return "disk";
    await clock.sleep(LOOK_MS, signal);
  }
  return undefined;
}

class DiskWatch {
  readonly #watched: Watched;
  #sizedAt = 0;
  #sized = 0;
  #freeThen = 0;
  #freeFirst: number | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** The folders are sized anew once the disk has lost half of what they may still take, and every few seconds. */
  async isOver(): Promise<boolean> {
    const { place, limits, clock, ownsDisk } = this.#watched;
    const { bavail, bsize } = await statfs(place.root);
    const [free, now] = [bavail * bsize, clock.now()];
    this.#freeFirst ??= free;
    if (ownsDisk && this.#freeFirst - free > limits.diskBytes) return true;
    const lost = this.#freeThen - free;
    if (this.#sizedAt > 0 && lost < (limits.diskBytes - this.#sized) / 2) {
      if (now - this.#sizedAt < SIZE_MS) return false;
    }
    this.#sized = await folderBytes([place.projects, place.home, place.temporary]);
    this.#freeThen = free;
    this.#sizedAt = clock.now();
    return this.#sized > limits.diskBytes;
  }
}
