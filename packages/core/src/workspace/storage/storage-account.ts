import { MIB } from "../../lib/bytes.ts";
import type { Clock } from "../../lib/clock.ts";
import { RefusedError } from "../../lib/error.ts";
import type { DueProjects } from "../collect/due-projects.ts";
import { LONGEST_CALL_MS, type RetainedSnapshot, toDay } from "../collect/retention-policy.ts";
import type { ProjectSummary } from "../projects.ts";
import type { SnapshotRecord, SnapshotStore } from "../snapshot-store.ts";
import type { ProjectUsage, UsageStore } from "./usage-store.ts";

/** What one tenant may have. */
export interface StorageLimits {
  /** Bytes of all packs, old snapshots' too; also of one UTC day's uploads and exports. */
  readonly storedBytes: number;
  readonly projects: number;
  /** In each project's newest snapshot. */
  readonly filesPerProject: number;
  /** Records of a project that are there at once. */
  readonly snapshotsPerProject: number;
}

export interface StorageAccountOptions {
  readonly usage: UsageStore;
  readonly due: DueProjects;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly limits: StorageLimits;
}

/** What a commit makes of a project. */
export interface Commitment {
  readonly project: string;
  /** What the commit follows. */
  readonly head: CommittedExtent | undefined;
  /** What the new snapshot amounts to. */
  readonly files: number;
  readonly bytes: number;
}

export type CommittedExtent = RetainedSnapshot & Pick<SnapshotRecord, "files" | "bytes">;

/** What is used of the limits. */
export interface StorageUse extends StorageLimits {
  readonly usedBytes: number;
  /** By project: what its packs take up, and how many snapshots are there. */
  readonly kept: ReadonlyMap<string, { readonly bytes: number; readonly snapshots: number }>;
}

/** A pack of at most so many bytes may go beyond the limit by `SPARE_BYTES`: what is full can still be tidied up. */
const SMALL_BYTES = MIB;
const SPARE_BYTES = 64 * MIB;
/** Beyond the limits, for commits that leave less than there was. */
const REMOVAL_SPARE = { bytes: 512 * MIB, snapshots: 1_000 };

/**
 * What tenants may store, asked before it is stored. A pack is counted from then until the collector has removed it,
 * whether a commit came of it or not.
 */
export class StorageAccount {
  readonly #options: StorageAccountOptions;

  constructor(options: StorageAccountOptions) {
    this.#options = options;
  }

  /** What is used of the limits, by these projects each; what is left of deleted ones counts, too. */
  async use(tenant: string, projects: readonly ProjectSummary[]): Promise<StorageUse> {
    const { usage, limits } = this.#options;
    const counts = new Map((await usage.list(tenant)).map((count) => [count.project, count]));
    const kept = projects.map(({ name, snapshot }) => {
      const { bytes, erased } = counts.get(name) ?? { bytes: 0, erased: 0 };
      return [name, { bytes, snapshots: snapshot - erased }] as const;
    });
    return { ...limits, usedBytes: sumBytes(counts.values()), kept: new Map(kept) };
  }

  /** @throws RefusedError `too_large`: no room for uploads of so many bytes. */
  async admitUpload(tenant: string, bytes: number): Promise<void> {
    const { usage, limits } = this.#options;
    const stored = sumBytes(await usage.list(tenant));
    const spare = bytes <= SMALL_BYTES ? SPARE_BYTES : 0;
    if (stored + bytes > limits.storedBytes + spare) throw full({ stored, bytes, limits });
    await this.#admitToday(tenant, bytes);
  }

  /** Exports go by themselves, and may take along what is too much: they count among the day's uploads alone. @throws RefusedError `too_large`. */
  admitExport(tenant: string, bytes: number): Promise<void> {
    return this.#admitToday(tenant, bytes);
  }

  async #admitToday(tenant: string, bytes: number): Promise<void> {
    const { usage, clock, limits } = this.#options;
    if (await usage.addUpload(tenant, toDay(clock.now()), bytes, limits.storedBytes)) return;
    throw new RefusedError(
      "too_large",
      `Uploads and exports of one day may have ${inWords(limits.storedBytes)} in all, and today's have. Try again tomorrow (UTC), or send less.`,
    );
  }

  /** Whether so many bytes could be stored now. Who can do without them asks before. */
  async hasRoom(tenant: string, bytes: number): Promise<boolean> {
    const { usage, limits } = this.#options;
    // Half: it comes into one pack with what is new.
    const spare = bytes <= SMALL_BYTES / 2 ? SPARE_BYTES : 0;
    return sumBytes(await usage.list(tenant)) + bytes <= limits.storedBytes + spare;
  }

  /**
   * Counts a commit's pack before it is stored, and sees to it that the collector looks at its project.
   * Adding comes before comparing, so that of commits at the same time none passes the limit unseen.
   * @throws RefusedError `too_large`: no room for the pack, the files, one more snapshot or one more project.
   */
  async admit(tenant: string, commitment: Commitment, packBytes: number): Promise<void> {
    const { usage, clock, limits } = this.#options;
    const { project, head } = commitment;
    if (!head || head.deleted) await this.#admitProject(tenant);
    checkFiles(commitment, limits);
    await this.announce(tenant, commitment);
    await usage.add(tenant, project, packBytes, clock.now());
    const counts = await usage.list(tenant);
    const { erased = 0 } = counts.find((count) => count.project === project) ?? {};
    const spare = spareOf(commitment, packBytes);
    const stored = sumBytes(counts);
    const kept = (head?.number ?? 0) - erased;
    const refusal =
      stored > limits.storedBytes + spare.bytes
        ? full({ stored: stored - packBytes, bytes: packBytes, limits })
        : kept >= limits.snapshotsPerProject + spare.snapshots && tooMany(project, kept, limits);
    if (!refusal) return;
    await usage.subtract(tenant, project, packBytes);
    throw refusal;
  }

  /** The collector is to look at a project of which there will be a new snapshot. All that a deletion asks: it is never refused. */
  async announce(
    tenant: string,
    { project, head }: Pick<Commitment, "project" | "head">,
  ): Promise<void> {
    const { due, clock } = this.#options;
    const now = clock.now();
    // Whoever made today's head has noted the project, or found it noted.
    if (head && toDay(head.createdAt) === toDay(now)) return;
    await due.note(tenant, project, now, now + LONGEST_CALL_MS);
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
}

/** What is over the limit may stay so, and may become less. */
function checkFiles({ project, head, files }: Commitment, { filesPerProject }: StorageLimits) {
  if (files <= Math.max(filesPerProject, head?.files ?? 0)) return;
  throw new RefusedError(
    "too_large",
    `${project} would have ${files} files, and a project may have ${filesPerProject}; it has ${head?.files ?? 0}. Leave files out (.zenodeignore), delete some, or use several projects.`,
  );
}

function spareOf({ head, files, bytes }: Commitment, packBytes: number) {
  const isMore = !head || files > head.files || bytes > head.bytes;
  if (!isMore && (files < head.files || bytes < head.bytes)) return REMOVAL_SPARE;
  return { bytes: packBytes <= SMALL_BYTES ? SPARE_BYTES : 0, snapshots: 0 };
}

function sumBytes(counts: Iterable<ProjectUsage>): number {
  return [...counts].reduce((sum, { bytes }) => sum + bytes, 0);
}

function tooMany(project: string, kept: number, { snapshotsPerProject }: StorageLimits) {
  return new RefusedError(
    "too_large",
    `${kept} snapshots of ${project} are kept, and there may be ${snapshotsPerProject}. Old ones go two days after newer ones were made: commit again then, and more changes at a time. It can be deleted at once.`,
  );
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
    `The storage is full: ${inWords(stored)} of ${inWords(limits.storedBytes)} are used, old snapshots included, and this needs ${inWords(bytes)} more. ` +
      "Delete projects or large files that are no longer needed; what only old snapshots hold comes free as those are forgotten.",
  );
}

function inWords(bytes: number): string {
  return bytes < MIB ? `${bytes} bytes` : `${(bytes / MIB).toFixed(1)} MiB`;
}
