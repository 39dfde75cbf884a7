import { isTerminal, type Lease } from "../burst/job.ts";
import { FencedError } from "../burst/job-journal.ts";
import type { JobStore } from "../burst/job-store.ts";
import type { ArchivedRecord, SnapshotArchive } from "../workspace/collect/snapshot-archive.ts";
import type { SnapshotPage, SnapshotRecord, SnapshotStore } from "../workspace/snapshot-store.ts";

/** SnapshotStore in memory, and the collector's side of it. */
export class MemorySnapshotStore implements SnapshotStore, SnapshotArchive {
  /** By tenant and project, newest first. */
  readonly #projects = new Map<string, Map<string, readonly ArchivedRecord[]>>();
  readonly #jobs: Pick<JobStore, "get"> | undefined;

  /** `jobs`: those whose workers commit. */
  constructor(jobs?: Pick<JobStore, "get">) {
    this.#jobs = jobs;
  }

  async head(tenant: string, project: string): Promise<SnapshotRecord | undefined> {
    return this.#records(tenant, project)[0];
  }

  async get(tenant: string, project: string, number: number): Promise<SnapshotRecord | undefined> {
    return this.#alive(tenant, project).find((record) => record.number === number);
  }

  async list(
    tenant: string,
    project: string,
    { before = Number.POSITIVE_INFINITY, limit }: SnapshotPage,
  ): Promise<readonly SnapshotRecord[]> {
    return this.#alive(tenant, project)
      .filter(({ number }) => number < before)
      .slice(0, limit);
  }

  async heads(tenant: string): Promise<readonly SnapshotRecord[]> {
    const projects = [...(this.#projects.get(tenant)?.values() ?? [])];
    return projects
      .flatMap((records) => records.slice(0, 1))
      .sort((a, b) => (a.project < b.project ? -1 : 1));
  }

  async commit(tenant: string, record: SnapshotRecord, lease?: Lease): Promise<boolean> {
    const job = lease && (await this.#jobs?.get(lease.tenant, lease.id));
    const isHeld = job && !isTerminal(job.state) && job.state !== "queued";
    if (lease && !(isHeld && job.fence === lease.fence)) {
      throw new FencedError("The job is another worker's by now.");
    }
    const records = this.#records(tenant, record.project);
    if ((records[0]?.number ?? 0) !== record.number - 1) return false;
    this.#set(tenant, record.project, [structuredClone(record), ...records]);
    return true;
  }

  async *records(tenant: string, project: string): AsyncGenerator<readonly ArchivedRecord[]> {
    yield structuredClone(this.#records(tenant, project));
  }

  async forget(tenant: string, project: string, number: number, at: number): Promise<void> {
    const records = this.#records(tenant, project).map((record) =>
      record.number === number ? { forgottenAt: at, ...record } : record,
    );
    this.#set(tenant, project, records);
  }

  async erase(tenant: string, project: string, number: number): Promise<void> {
    const stays = (record: ArchivedRecord) =>
      record.number !== number || record.forgottenAt === undefined;
    this.#set(tenant, project, this.#records(tenant, project).filter(stays));
  }

  #records(tenant: string, project: string): readonly ArchivedRecord[] {
    return this.#projects.get(tenant)?.get(project) ?? [];
  }

  #alive(tenant: string, project: string): readonly ArchivedRecord[] {
    return this.#records(tenant, project).filter(({ forgottenAt }) => forgottenAt === undefined);
  }

  #set(tenant: string, project: string, records: readonly ArchivedRecord[]): void {
    const projects = this.#projects.get(tenant) ?? new Map<string, readonly ArchivedRecord[]>();
    this.#projects.set(tenant, projects);
    projects.set(project, records);
  }
}
