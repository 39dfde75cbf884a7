import type { CollectedUsage, ProjectUsage, UsageStore } from "../workspace/storage/usage-store.ts";

/** UsageStore in memory. */
export class MemoryUsageStore implements UsageStore {
  readonly #projects = new Map<string, ProjectUsage>();
  readonly #uploads = new Map<string, number>();

  async add(tenant: string, project: string, bytes: number, now: number): Promise<void> {
    const key = `${tenant}/${project}`;
    const { bytes: before = 0, erased = 0 } = this.#projects.get(key) ?? {};
    this.#projects.set(key, { project, bytes: before + bytes, addedAt: now, erased });
  }

  async subtract(tenant: string, project: string, bytes: number): Promise<void> {
    const usage = this.#projects.get(`${tenant}/${project}`);
    if (!usage) return;
    this.#projects.set(`${tenant}/${project}`, { ...usage, bytes: usage.bytes - bytes });
  }

  async collected(tenant: string, project: string, found: CollectedUsage): Promise<void> {
    const usage = this.#projects.get(`${tenant}/${project}`);
    if (!usage) return;
    const { bytes, erased } = found;
    this.#projects.set(`${tenant}/${project}`, { ...usage, bytes: usage.bytes - bytes, erased });
  }

  async list(tenant: string): Promise<readonly ProjectUsage[]> {
    return [...this.#projects]
      .filter(([key]) => key.startsWith(`${tenant}/`))
      .map(([, usage]) => usage)
      .sort((a, b) => (a.project < b.project ? -1 : 1));
  }

  async correct(tenant: string, seen: ProjectUsage, found: CollectedUsage): Promise<void> {
    const key = `${tenant}/${seen.project}`;
    const held = this.#projects.get(key);
    if (held?.bytes !== seen.bytes || held.addedAt !== seen.addedAt) return;
    if (found.bytes === 0 && found.erased === 0) this.#projects.delete(key);
    else this.#projects.set(key, { ...held, ...found });
  }

  async addUpload(tenant: string, day: number, bytes: number, most: number): Promise<boolean> {
    const sum = (this.#uploads.get(`${tenant}/${day}`) ?? 0) + bytes;
    if (sum > most) return false;
    this.#uploads.set(`${tenant}/${day}`, sum);
    return true;
  }
}
