import type { Principal } from "../access/principal.ts";
import type { Lease } from "../burst/job.ts";
import { RefusedError } from "../lib/error.ts";
import { BlobReader } from "./blob-reader.ts";
import type { FileChange } from "./change/file-change.ts";
import type { ChangeOrder, SnapshotWriter } from "./change/snapshot-writer.ts";
import type { Writing } from "./change/writing.ts";
import type { Codec } from "./codec.ts";
import { openPacks } from "./open-pack.ts";
import type { PackStore } from "./pack-store.ts";
import { parseProjectName } from "./parse-path.ts";
import type { ProjectChoices } from "./project-choices.ts";
import type { PastSnapshot, ProjectSummary, Projects, Snapshot } from "./projects.ts";
import { processCaches, type ReaderCaches } from "./reader-caches.ts";
import {
  isGone,
  type SnapshotPage,
  type SnapshotRecord,
  type SnapshotStore,
} from "./snapshot-store.ts";
import type { StorageUse } from "./storage/storage-account.ts";
import { StoredSnapshot } from "./stored-snapshot.ts";

export interface StoredProjectsOptions {
  /** Whose projects they are; changes need the scope `write`. */
  readonly principal: Principal;
  readonly snapshots: SnapshotStore;
  readonly packs: PackStore;
  readonly choices: ProjectChoices;
  readonly codec: Codec;
  /** Loaded once for all calls of a process, with the first that asks. */
  readonly writing: () => Promise<Writing>;
  /** Absent: the process's. */
  readonly caches?: ReaderCaches;
  /** Of the job whose worker this is: nothing is committed once it is another one's. */
  readonly lease?: Lease;
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
    const heads = await this.#options.snapshots.heads(this.#tenant);
    return heads
      .filter((head) => !isGone(head))
      .map((head) => ({
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
    return this.#open(await this.#head(project));
  }

  async openAt(project: string, number: number): Promise<PastSnapshot> {
    const name = parseProjectName(project);
    const record = await this.#options.snapshots.get(this.#tenant, name, number);
    if (record) return this.#open(record);
    const [newest] = await this.history(name, { limit: 1 });
    if (!newest) throw await this.#noProject(name);
    const [older] = await this.history(name, { before: number, limit: 1 });
    const near = older ? `The next older one is ${older.number}.` : "No older one is kept, either.";
    throw new RefusedError(
      "not_found",
      number > newest.number
        ? `There is no snapshot ${number} of ${name} yet; the newest is ${newest.number}.`
        : `Snapshot ${number} of ${name} is no longer kept. ${near}`,
    );
  }

  async history(project: string, page: SnapshotPage): Promise<readonly PastSnapshot[]> {
    const { snapshots } = this.#options;
    const records = await snapshots.list(this.#tenant, parseProjectName(project), page);
    return records.map((record) => this.#open(record));
  }

  async create(
    project: string,
    files: readonly FileChange[] = [],
    message = "create",
  ): Promise<Snapshot> {
    const name = parseProjectName(project);
    const base = await this.#options.snapshots.head(this.#tenant, name);
    if (!isGone(base)) throw new RefusedError("conflict", `There is a project ${name} already.`);
    return this.#commit({ project: name, base, changes: files, message });
  }

  async delete(project: string): Promise<PastSnapshot> {
    const name = parseProjectName(project);
    const writer = await this.#writer();
    const record = await writer.delete(name);
    if (record) return this.#open(record);
    const { author, number } = await this.#head(name);
    throw new RefusedError(
      "conflict",
      `${name} was made anew by ${author} in snapshot ${number}. Nothing was deleted.`,
    );
  }

  async storage(projects: readonly ProjectSummary[]): Promise<StorageUse> {
    const { storage } = await this.#options.writing();
    return storage.use(this.#tenant, projects);
  }

  preferred(): Promise<string | undefined> {
    return this.#options.choices.chosen(this.#tenant, this.#options.principal.subject);
  }

  async prefer(project: string): Promise<void> {
    const { project: name } = await this.#head(project);
    await this.#options.choices.choose(this.#tenant, this.#options.principal.subject, name);
  }

  async change(base: Snapshot, changes: readonly FileChange[], message: string): Promise<Snapshot> {
    if (!(base instanceof StoredSnapshot))
      throw new TypeError("The base is not of these projects.");
    return this.#commit({ project: base.project, base: base.record, changes, message });
  }

  async committed(project: string, after: number): Promise<Snapshot | undefined> {
    const { snapshots, lease } = this.#options;
    const name = parseProjectName(project);
    const head = await snapshots.head(this.#tenant, name);
    if (!lease || !head) return undefined;
    for (let number = after + 1; number <= head.number; number++) {
      const record = await snapshots.get(this.#tenant, name, number);
      if (record?.job === lease.id) return this.#open(record);
    }
    return undefined;
  }

  async #commit(order: ChangeOrder): Promise<Snapshot> {
    const writer = await this.#writer();
    return this.#open(await writer.commit(order));
  }

  async #writer(): Promise<SnapshotWriter> {
    const { principal, lease, caches = processCaches } = this.#options;
    return (await this.#options.writing()).writer({ principal, lease, caches });
  }

  /** The newest record. @throws RefusedError `not_found`. */
  async #head(project: string): Promise<SnapshotRecord> {
    const name = parseProjectName(project);
    const head = await this.#options.snapshots.head(this.#tenant, name);
    if (!head) throw await this.#noProject(name);
    if (!isGone(head)) return head;
    const [last] = await this.history(name, { before: head.number, limit: 1 });
    const back = last ? `restore its snapshot ${last.number}, or ` : "";
    throw new RefusedError(
      "not_found",
      `${name} was deleted by ${head.author} in snapshot ${head.number}. To have it back, ${back}push it anew.`,
    );
  }

  async #noProject(name: string): Promise<RefusedError> {
    const names = await this.names();
    const others =
      names.length === 0 ? "; none was pushed yet." : `. There are: ${names.join(", ")}.`;
    return new RefusedError("not_found", `There is no project ${name}${others}`);
  }

  #open(record: SnapshotRecord): StoredSnapshot {
    const { codec, caches = processCaches } = this.#options;
    const tenant = this.#tenant;
    const packs = openPacks(record, { ...this.#options, tenant });
    return new StoredSnapshot(record, new BlobReader({ tenant, packs, codec, caches }));
  }
}
