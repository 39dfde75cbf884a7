import { RefusedError } from "../lib/error.ts";
import { BlobReader } from "./blob-reader.ts";
import type { Codec } from "./codec.ts";
import { Pack } from "./pack.ts";
import type { PackStore } from "./pack-store.ts";
import { parseProjectName } from "./parse-path.ts";
import type { ProjectSummary, Projects, Snapshot } from "./projects.ts";
import { processCaches, type ReaderCaches } from "./reader-caches.ts";
import type { PackReference, SnapshotRecord, SnapshotStore } from "./snapshot-store.ts";
import { StoredSnapshot } from "./stored-snapshot.ts";

export interface StoredProjectsOptions {
  readonly tenant: string;
  readonly snapshots: SnapshotStore;
  readonly packs: PackStore;
  readonly codec: Codec;
  /** Absent: the process's. */
  readonly caches?: ReaderCaches;
}

/** A tenant's projects over the stores. */
export class StoredProjects implements Projects {
  readonly #options: StoredProjectsOptions;

  constructor(options: StoredProjectsOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly ProjectSummary[]> {
    const { snapshots, tenant } = this.#options;
    return (await snapshots.heads(tenant)).map((head) => ({
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
    const { snapshots, tenant } = this.#options;
    const head = await snapshots.head(tenant, parseProjectName(project));
    if (head) return openSnapshot(head, this.#options);
    const names = await this.names();
    throw new RefusedError(
      "not_found",
      names.length === 0
        ? `There is no project ${project}; none was pushed yet.`
        : `There is no project ${project}. There are: ${names.join(", ")}.`,
    );
  }
}

/** Opens one snapshot by its record; reads nothing yet. */
export function openSnapshot(record: SnapshotRecord, options: StoredProjectsOptions): Snapshot {
  const { tenant, codec, caches = processCaches } = options;
  const packs = record.packs.map((pack) => openPack(record.project, pack, options));
  return new StoredSnapshot(record, new BlobReader({ tenant, packs, codec, caches }));
}

export function openPack(
  project: string,
  reference: PackReference,
  { tenant, packs, codec, caches = processCaches }: Omit<StoredProjectsOptions, "snapshots">,
): Pack {
  const { id, bytes, indexBytes } = reference;
  const source = {
    key: `${tenant}/${project}/${id}`,
    bytes,
    indexBytes,
    read: (start: number, length: number) => packs.read(tenant, project, id, start, length),
  };
  return new Pack(source, codec, caches);
}
