import type { Principal } from "../access/principal.ts";
import type { Clock } from "../lib/clock.ts";
import { RefusedError } from "../lib/error.ts";
import { BlobReader } from "./blob-reader.ts";
import type { FileChange } from "./change/file-change.ts";
import { type ChangeOrder, SnapshotWriter } from "./change/snapshot-writer.ts";
import type { Codec } from "./codec.ts";
import { openPacks } from "./open-pack.ts";
import type { PackStore } from "./pack-store.ts";
import { parseProjectName } from "./parse-path.ts";
import type { ProjectSummary, Projects, Snapshot } from "./projects.ts";
import { processCaches, type ReaderCaches } from "./reader-caches.ts";
import type { SnapshotRecord, SnapshotStore } from "./snapshot-store.ts";
import type { StorageAccount } from "./storage/storage-account.ts";
import { StoredSnapshot } from "./stored-snapshot.ts";

export interface StoredProjectsOptions {
  /** Whose projects they are; changes need the scope `write`. */
  readonly principal: Principal;
  readonly snapshots: SnapshotStore;
  readonly packs: PackStore;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly storage: StorageAccount;
  /** Told of each new snapshot, before the caller is. */
  readonly onCommit?: (tenant: string, record: SnapshotRecord) => Promise<void>;
  /** Absent: the process's. */
  readonly caches?: ReaderCaches;
}

/** A tenant's projects over the stores. */
export class StoredProjects implements Projects {
  readonly #options: StoredProjectsOptions;
  readonly #tenant: string;

  constructor(options: StoredProjectsOptions) {
    this.#options = options;
    this.#tenant = options.principal.tenant;
  }

  async list(): Promise<readonly ProjectSummary[]> {
    return (await this.#options.snapshots.heads(this.#tenant)).map((head) => ({
      name: head.project,
      snapshot: head.number,
      files: head.files,
      bytes: head.bytes,
      updatedAt: head.createdAt,
    }));
  }

  async names(): Promise<readonly string[]> {
    return (await this.list()).map(({ name }) => name);
  }

  async open(project: string): Promise<Snapshot> {
    const { snapshots } = this.#options;
    const head = await snapshots.head(this.#tenant, parseProjectName(project));
    if (head) return this.#open(head);
    const names = await this.names();
    throw new RefusedError(
      "not_found",
      names.length === 0
        ? `There is no project ${project}; none was pushed yet.`
        : `There is no project ${project}. There are: ${names.join(", ")}.`,
    );
  }

  async create(project: string): Promise<Snapshot> {
    const name = parseProjectName(project);
    const head = await this.#options.snapshots.head(this.#tenant, name);
    if (head) throw new RefusedError("conflict", `There is a project ${name} already.`);
    return this.#commit({ project: name, base: undefined, changes: [], message: "" });
  }

  async change(base: Snapshot, changes: readonly FileChange[], message: string): Promise<Snapshot> {
    if (!(base instanceof StoredSnapshot))
      throw new TypeError("The base is not of these projects.");
    return this.#commit({ project: base.project, base: base.record, changes, message });
  }

  async #commit(order: ChangeOrder): Promise<Snapshot> {
    const { caches = processCaches } = this.#options;
    return this.#open(await new SnapshotWriter({ ...this.#options, caches }).commit(order));
  }

  #open(record: SnapshotRecord): StoredSnapshot {
    const { codec, caches = processCaches } = this.#options;
    const tenant = this.#tenant;
    const packs = openPacks(record, { ...this.#options, tenant });
    return new StoredSnapshot(record, new BlobReader({ tenant, packs, codec, caches }));
  }
}
