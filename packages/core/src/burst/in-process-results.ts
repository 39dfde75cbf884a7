import type { JobId } from "./job.ts";
import type { PartName, ResultStore } from "./result-store.ts";

/** Parts of results that live in this process, as its jobs do. */
export class InProcessResults implements ResultStore {
  readonly #byJob = new Map<JobId, Map<string, string>>();

  async put(tenant: string, name: PartName, text: string): Promise<void> {
    const parts = this.#byJob.get(name.id) ?? new Map<string, string>();
    this.#byJob.set(name.id, parts.set(toKey(tenant, name), text.toWellFormed()));
  }

  async get(tenant: string, name: PartName): Promise<string | undefined> {
    return this.#byJob.get(name.id)?.get(toKey(tenant, name));
  }

  /** The job is forgotten, and so are its results. */
  forget(id: JobId): void {
    this.#byJob.delete(id);
  }
}

function toKey(tenant: string, { fence, part }: PartName): string {
  return JSON.stringify([tenant, fence, part]);
}
