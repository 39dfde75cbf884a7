import type { AuthorizationRequest } from "./authorization-request.ts";

/** What is kept of a request while its user is at Cognito's sign-in, or looks at a page of ours. */
export interface AwayRecord {
  /** SHA-256 of the random value that comes back. */
  readonly hash: string;
  /** SHA-256 of the cookie of the browser that went. */
  readonly browser: string;
  readonly request: AuthorizationRequest;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Keeps who is away. */
export interface AwayStore {
  /** @throws ConflictError: there is such a one. */
  add(record: AwayRecord): Promise<void>;
  /**
   * Takes it, once, by one conditional write: for the browser that went alone, and until its time is over. Another browser
   * takes nothing, and leaves it there. `attempt` names this call: repeated, it takes the same again.
   */
  take(
    hash: string,
    by: { readonly browser: string; readonly attempt: string; readonly now: number },
  ): Promise<AwayRecord | undefined>;
}
