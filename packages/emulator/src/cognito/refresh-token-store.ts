import type { DatabaseSync } from "node:sqlite";
import type { EmulatorClock } from "../clock.ts";
import type { Grant } from "./grant.ts";
import { hashSecretToken, newSecretToken } from "./secret-token.ts";

/** Refresh tokens, stored as hashes; they and revocations survive restarts. */
export class RefreshTokenStore {
  readonly #database: DatabaseSync;
  readonly #clock: EmulatorClock;

  constructor(database: DatabaseSync, clock: EmulatorClock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** A new token for the grant, good for `seconds`. */
  issue(grant: Grant, seconds: number): string {
    return this.#insert(grant, this.#clock.now() + seconds * 1_000);
  }

  /** The grant behind a usable token of this client. */
  find(token: string, clientId: string): Grant | undefined {
    const row = this.#row(token);
    if (row === undefined || row.client_id !== clientId) return undefined;
    return this.#clock.now() < Number(row.usable_until_ms) ? toGrant(row) : undefined;
  }

  /**
   * Replaces the token by a new one that ends when the old one would have; the old one stays usable
   * for the grace (at most 60 s in Cognito), so that a client whose answer was lost can ask again.
   * Undefined when the token stopped being usable since it was found.
   */
  rotate(token: string, grant: Grant, graceSeconds: number): string | undefined {
    const now = this.#clock.now();
    const row = this.#row(token);
    if (row === undefined || now >= Number(row.usable_until_ms)) return undefined;
    this.#database
      .prepare("UPDATE refresh_tokens SET usable_until_ms = min(usable_until_ms, ?) WHERE hash = ?")
      .run(now + graceSeconds * 1_000, hashSecretToken(token));
    return this.#insert(grant, Number(row.expires_ms));
  }

  /** Ends the sign-in the token belongs to: all its refresh tokens, and its access tokens at Cognito itself. */
  revoke(token: string, clientId: string): "revoked" | "unknown" | "other-client" {
    const row = this.#row(token);
    if (row === undefined) return "unknown";
    if (row.client_id !== clientId) return "other-client";
    const originJti = String(row.origin_jti);
    this.#database.prepare("DELETE FROM refresh_tokens WHERE origin_jti = ?").run(originJti);
    this.#database.prepare("INSERT OR IGNORE INTO revoked_origins VALUES (?)").run(originJti);
    return "revoked";
  }

  isRevoked(originJti: string): boolean {
    return (
      this.#database
        .prepare("SELECT 1 FROM revoked_origins WHERE origin_jti = ?")
        .get(originJti) !== undefined
    );
  }

  #insert(grant: Grant, expiresMs: number): string {
    const token = newSecretToken();
    this.#database
      .prepare("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(
        hashSecretToken(token),
        grant.originJti,
        grant.clientId,
        grant.username,
        grant.scopes.join(" "),
        grant.resource ?? null,
        grant.authTime,
        expiresMs,
        expiresMs,
      );
    return token;
  }

  #row(token: string): Record<string, unknown> | undefined {
    return this.#database
      .prepare("SELECT * FROM refresh_tokens WHERE hash = ?")
      .get(hashSecretToken(token));
  }
}

function toGrant(row: Record<string, unknown>): Grant {
  const resource = row.resource;
  return {
    clientId: String(row.client_id),
    username: String(row.username),
    scopes: String(row.scopes).split(" "),
    originJti: String(row.origin_jti),
    authTime: Number(row.auth_time),
    ...(typeof resource === "string" ? { resource } : {}),
  };
}
