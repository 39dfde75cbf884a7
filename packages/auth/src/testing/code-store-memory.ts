import { ConflictError } from "@zenode/core";
import type { CodeRecord, CodeStore } from "../token/authorization-code.ts";

/** CodeStore in this process's memory. */
export class MemoryCodeStore implements CodeStore {
  readonly #codes = new Map<string, CodeRecord>();
  readonly #uses = new Map<string, string>();

  async add(code: CodeRecord): Promise<void> {
    if (this.#codes.has(code.hash)) throw new ConflictError("There is such a code.");
    this.#codes.set(code.hash, structuredClone(code));
  }

  async find(hash: string): Promise<CodeRecord | undefined> {
    return structuredClone(this.#codes.get(hash));
  }

  async use(hash: string, use: string): Promise<boolean> {
    if (!this.#codes.has(hash)) return false;
    if (!this.#uses.has(hash)) this.#uses.set(hash, use);
    return this.#uses.get(hash) === use;
  }
}
