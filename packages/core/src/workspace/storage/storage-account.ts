import { MIB } from "../../lib/bytes.ts";
import type { Clock } from "../../lib/clock.ts";
import { RefusedError } from "../../lib/error.ts";
import type { DueProjects } from "../collect/due-projects.ts";
import { LONGEST_READ_MS, type RetainedSnapshot, toDay } from "../collect/retention-policy.ts";
import type { SnapshotStore } from "../snapshot-store.ts";
import type { UsageStore } from "./usage-store.ts";

/** What one tenant may have. */
export interface StorageLimits {
  /** Bytes of all packs, old snapshots' too; also of one UTC day's uploads. */
  readonly storedBytes: number;
  readonly projects: number;
}

export interface StorageAccountOptions {
  readonly usage: UsageStore;
  readonly due: DueProjects;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly limits: StorageLimits;
}

export interface PackOrder {
  readonly project: string;
  /** What the commit follows. */
  readonly head: RetainedSnapshot | undefined;
  /** Of the packs that are to be stored. */
  readonly bytes: number;
}

/** A commit of at most so many bytes may go beyond the limit by `SPARE_BYTES`: what is full can still be tidied up. */
const SMALL_BYTES = MIB;
const SPARE_BYTES = 64 * MIB;

/**
 * What tenants may store, asked before it is stored. A pack is counted from then until the collector has removed it,
 * whether a commit came of it or not.
 */
export class StorageAccount {
  readonly #options: StorageAccountOptions;

  constructor(options: StorageAccountOptions) {
    this.#options = options;
  }

  /** @throws RefusedError `too_large`: no room for uploads of so many bytes. */
  async admitUpload(tenant: string, bytes: number): Promise<void> {
    const { usage, clock, limits } = this.#options;
    const stored = await this.#stored(tenant);
    if (stored + bytes > limits.storedBytes) throw full({ stored, bytes, limits });
    if (await usage.addUpload(tenant, toDay(clock.now()), bytes, limits.storedBytes)) return;
    throw new RefusedError(
      "too_large",
      `Uploads of one day may have ${toMib(limits.storedBytes)} in all, and today's have. Push again tomorrow (UTC), or push less.`,
    );
  }

  /**
   * Counts packs before they are stored, and sees to it that the collector looks at their project.
   * Adding comes before comparing, so that of commits at the same time none passes the limit unseen.
   * @throws RefusedError `too_large`: no room for them, or for one more project.
   */
  async admit(tenant: string, { project, head, bytes }: PackOrder): Promise<void> {
    const { usage, due, clock, limits } = this.#options;
    const now = clock.now();
    if (!head || head.deleted) await this.#admitProject(tenant);
    // Whoever made today's head has noted the project, or found it noted.
    if (!head || toDay(head.createdAt) !== toDay(now)) {
      await due.note(tenant, project, now, now + LONGEST_READ_MS);
    }
    // A deletion is never refused.
    if (bytes === 0) return;
    await usage.add(tenant, project, bytes, now);
    const stored = await this.#stored(tenant);
    const spare = bytes <= SMALL_BYTES ? SPARE_BYTES : 0;
    if (stored <= limits.storedBytes + spare) return;
    await usage.subtract(tenant, project, bytes);
    throw full({ stored: stored - bytes, bytes, limits });
  }

  async #admitProject(tenant: string): Promise<void> {
    const { snapshots, limits } = this.#options;
    const heads: readonly RetainedSnapshot[] = await snapshots.heads(tenant);
    const projects = heads.filter(({ deleted }) => !deleted).length;
    if (projects < limits.projects) return;
    throw new RefusedError(
      "too_large",
      `There are ${projects} projects, and there may be ${limits.projects}. Delete one that is no longer needed, or use one that exists.`,
    );
  }

  async #stored(tenant: string): Promise<number> {
    const projects = await this.#options.usage.list(tenant);
    return projects.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

function full({
  stored,
  bytes,
  limits,
}: {
  readonly stored: number;
  readonly bytes: number;
  readonly limits: StorageLimits;
}): RefusedError {
  return new RefusedError(
    "too_large",
    `The storage is full: ${toMib(stored)} of ${toMib(limits.storedBytes)} are used, old snapshots included, and this needs ${toMib(bytes)} more. ` +
      "Delete projects or large files that are no longer needed; what only old snapshots hold comes free as those are forgotten.",
  );
}

function toMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(bytes < MIB ? 3 : 1)} MiB`;
}
