import type { ProjectChoices } from "../workspace/project-choices.ts";

/** ProjectChoices in this process's memory. */
export class MemoryProjectChoices implements ProjectChoices {
  readonly #chosen = new Map<string, string>();

  async chosen(tenant: string, subject: string): Promise<string | undefined> {
    return this.#chosen.get(JSON.stringify([tenant, subject]));
  }

  async choose(tenant: string, subject: string, project: string): Promise<void> {
    this.#chosen.set(JSON.stringify([tenant, subject]), project);
  }
}
