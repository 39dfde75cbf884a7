import type { JsonObject } from "../lib/json.ts";

/** A legacy session (protocol revisions before 2026-07-28): what a fresh process needs to go on with it. */
export interface Session {
  /** The `Mcp-Session-Id`: a UUID, unguessable, and still no authentication. */
  readonly id: string;
  readonly tenant: string;
  /** The principal it belongs to; any other gets "not found". */
  readonly subject: string;
  readonly clientId: string;
  readonly protocolVersion: string;
  /** The client's `initialize` request, replayed into each fresh server. */
  readonly initialize: JsonObject;
  readonly logLevel?: string;
  /** Resource URIs the client subscribed to. */
  readonly subscriptions: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Of one session: they lie in its item, which each of its requests reads. */
export const MAX_SUBSCRIPTIONS = 100;

/** Legacy sessions. Reads are strongly consistent; an expired session is not found. */
export interface SessionStore {
  /** Durable when it returns. */
  create(session: Session): Promise<void>;
  get(tenant: string, id: string): Promise<Session | undefined>;
  setLogLevel(tenant: string, id: string, level: string): Promise<void>;
  /** False, and nothing changes: the session has MAX_SUBSCRIPTIONS already. */
  subscribe(tenant: string, id: string, uri: string): Promise<boolean>;
  unsubscribe(tenant: string, id: string, uri: string): Promise<void>;
  /** False: there was none. */
  delete(tenant: string, id: string): Promise<boolean>;
}
