import { isTerminal, type Lease } from "../burst/job.ts";
import { FencedError } from "../burst/job-journal.ts";
import type { JobStore } from "../burst/job-store.ts";
import type { SnapshotPage, SnapshotRecord, SnapshotStore } from "../workspace/snapshot-store.ts";

/** SnapshotStore in memory. */
export class MemorySnapshotStore implements SnapshotStore {
  /** By tenant and project, oldest first: the snapshot numbered n lies at n - 1. */
  readonly #projects = new Map<string, Map<string, SnapshotRecord[]>>();
  readonly #jobs: Pick<JobStore, "get"> | undefined;

  /** `jobs`: those whose workers commit. */
  constructor(jobs?: Pick<JobStore, "get">) {
    this.#jobs = jobs;
  }

  async head(tenant: string, project: string): Promise<SnapshotRecord | undefined> {
    return this.#projects.get(tenant)?.get(project)?.at(-1);
  }

  async get(tenant: string, project: string, number: number): Promise<SnapshotRecord | undefined> {
    return this.#projects.get(tenant)?.get(project)?.[number - 1];
  }

  async list(
    tenant: string,
    project: string,
    { before = Number.POSITIVE_INFINITY, limit }: SnapshotPage,
  ): Promise<readonly SnapshotRecord[]> {
    const records = this.#projects.get(tenant)?.get(project) ?? [];
    return records
      .filter(({ number }) => number < before)
      .reverse()
      .slice(0, limit);
  }

  async heads(tenant: string): Promise<readonly SnapshotRecord[]> {
    const projects = [...(this.#projects.get(tenant)?.values() ?? [])];
    return projects
      .flatMap((records) => records.slice(-1))
      .sort((a, b) => (a.project < b.project ? -1 : 1));
  }

  async commit(tenant: string, record: SnapshotRecord, lease?: Lease): Promise<boolean> {
    const job = lease && (await this.#jobs?.get(lease.tenant, lease.id));
    const isHeld = job && !isTerminal(job.state) && job.state !== "queued";
    if (lease && !(isHeld && job.fence === lease.fence)) {
      throw new FencedError("The job is another worker's by now.");
    }
    const projects = this.#projects.get(tenant) ?? new Map<string, SnapshotRecord[]>();
    const records = projects.get(record.project) ?? [];
    if (records.length !== record.number - 1) return false;
    this.#projects.set(tenant, projects);
    projects.set(record.project, [...records, structuredClone(record)]);
    return true;
  }
}
