import type { Client } from "../client/client.ts";
import type { DocumentCache, KnownDocument, Pause } from "../client/document-clients.ts";

interface Entry {
  readonly known: KnownDocument;
  readonly until: number;
}

/** DocumentCache in this process's memory. */
export class MemoryDocumentCache implements DocumentCache {
  readonly #entries = new Map<string, Entry>();

  async find(url: string, now: number): Promise<KnownDocument | undefined> {
    const entry = this.#entries.get(url);
    return entry && entry.until > now ? entry.known : undefined;
  }

  async keep(client: Client, until: number): Promise<void> {
    this.#entries.set(client.id, { known: { kind: "client", client }, until });
  }

  async pause(url: string, { now, until }: Pause): Promise<void> {
    const held = this.#entries.get(url);
    if (held?.known.kind === "client" && held.until > now) return;
    this.#entries.set(url, { known: { kind: "paused" }, until });
  }
}
