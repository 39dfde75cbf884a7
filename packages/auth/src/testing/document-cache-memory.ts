import type { Client } from "../client/client.ts";
import type { DocumentCache, KnownDocument } from "../client/document-clients.ts";

interface Entry {
  readonly known: KnownDocument;
  readonly until: number;
}

/** DocumentCache in this process's memory. */
export class MemoryDocumentCache implements DocumentCache {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(clock: { now(): number }) {
    this.#now = () => clock.now();
  }

  async find(url: string): Promise<KnownDocument | undefined> {
    const entry = this.#entries.get(url);
    return entry && entry.until > this.#now() ? entry.known : undefined;
  }

  async keep(client: Client, until: number): Promise<void> {
    this.#entries.set(client.id, { known: { kind: "client", client }, until });
  }

  async pause(url: string, until: number): Promise<void> {
    const held = this.#entries.get(url);
    if (held?.known.kind === "client" && held.until > this.#now()) return;
    this.#entries.set(url, { known: { kind: "paused" }, until });
  }
}
