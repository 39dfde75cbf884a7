import { randomUUID } from "node:crypto";
import type { EmulatorClock } from "../clock.ts";
import type { Grant } from "./grant.ts";

const CODE_MS = 5 * 60 * 1_000;

export interface CodeGrant {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** PKCE S256 challenge, if the request had one. */
  readonly challenge?: string;
  readonly nonce?: string;
}

/** Authorization codes: five minutes, one use. A restart forgets them, as a user can sign in again. */
export class AuthorizationCodes {
  readonly #codes = new Map<string, { readonly held: CodeGrant; readonly expiresMs: number }>();
  readonly #clock: EmulatorClock;

  constructor(clock: EmulatorClock) {
    this.#clock = clock;
  }

  issue(held: CodeGrant): string {
    this.#forgetExpired();
    const code = randomUUID();
    this.#codes.set(code, { held, expiresMs: this.#clock.now() + CODE_MS });
    return code;
  }

  /** Uses the code up, whoever presents it; undefined when it is unknown, used or expired. */
  take(code: string): CodeGrant | undefined {
    const entry = this.#codes.get(code);
    this.#codes.delete(code);
    return entry !== undefined && this.#clock.now() < entry.expiresMs ? entry.held : undefined;
  }

  #forgetExpired(): void {
    const now = this.#clock.now();
    for (const [code, entry] of this.#codes) if (entry.expiresMs <= now) this.#codes.delete(code);
  }
}
