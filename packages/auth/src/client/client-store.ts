import type { Client } from "./client.ts";

export interface StoredClient {
  readonly client: Client;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Clients that registered themselves. Reads are strongly consistent; a client whose time is over is not found. */
export interface ClientStore {
  /** Durable when it returns. Repeatable. @throws ConflictError where another client has its id. */
  add(client: Client, expiresAt: number): Promise<void>;
  find(id: string, now: number): Promise<StoredClient | undefined>;
  /** Lets it live until `expiresAt` at least; one whose time is over, or that there is not, stays gone. Repeatable. */
  keep(id: string, expiresAt: number, now: number): Promise<void>;
}
