import type { DueProject, DueProjects } from "../workspace/collect/due-projects.ts";

/** DueProjects in memory. */
export class MemoryDueProjects implements DueProjects {
  readonly #projects = new Map<string, DueProject>();

  async note(tenant: string, project: string, now: number, dueAt: number): Promise<void> {
    const held = this.#projects.get(`${tenant}/${project}`);
    const due = { tenant, project, notedAt: now, dueAt: held?.dueAt ?? dueAt };
    this.#projects.set(`${tenant}/${project}`, due);
  }

  async *due(now: number): AsyncGenerator<readonly DueProject[]> {
    yield [...this.#projects.values()].filter(({ dueAt }) => dueAt <= now);
  }

  async claim(seen: DueProject, dueAt: number): Promise<DueProject | undefined> {
    const held = this.#held(seen);
    if (!held) return undefined;
    const claimed = { ...held, dueAt };
    this.#projects.set(`${seen.tenant}/${seen.project}`, claimed);
    return claimed;
  }

  async postpone(claimed: DueProject, dueAt: number): Promise<void> {
    const held = this.#held(claimed);
    if (held) this.#projects.set(`${held.tenant}/${held.project}`, { ...held, dueAt });
  }

  async drop(claimed: DueProject): Promise<void> {
    if (this.#held(claimed)?.notedAt === claimed.notedAt) {
      this.#projects.delete(`${claimed.tenant}/${claimed.project}`);
    }
  }

  /** The project, if it was not claimed since. */
  #held({ tenant, project, dueAt }: DueProject): DueProject | undefined {
    const held = this.#projects.get(`${tenant}/${project}`);
    return held?.dueAt === dueAt ? held : undefined;
  }
}
