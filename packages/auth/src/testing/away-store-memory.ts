import { ConflictError } from "@zenode/core";
import type { AwayRecord, AwayStore } from "../authorize/away-store.ts";

/** AwayStore in this process's memory. */
export class MemoryAwayStore implements AwayStore {
  readonly #records = new Map<string, AwayRecord>();
  readonly #taken = new Map<string, string>();

  async add(record: AwayRecord): Promise<void> {
    if (this.#records.has(record.hash)) throw new ConflictError("There is such a one.");
    this.#records.set(record.hash, structuredClone(record));
  }

  async take(
    hash: string,
    { browser, attempt, now }: { browser: string; attempt: string; now: number },
  ): Promise<AwayRecord | undefined> {
    const record = this.#records.get(hash);
    if (!record || record.browser !== browser || record.expiresAt <= now) return undefined;
    if (!this.#taken.has(hash)) this.#taken.set(hash, attempt);
    return this.#taken.get(hash) === attempt ? structuredClone(record) : undefined;
  }
}
