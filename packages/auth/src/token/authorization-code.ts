import type { FamilyId } from "./refresh-token.ts";

/** What a code stands for until its client asks for the tokens (RFC 6749 section 4.1.2). */
export interface CodeRecord {
  /** Of the code. */
  readonly hash: string;
  readonly clientId: string;
  /** As it was asked with, so as it must be asked with again. */
  readonly redirectUri: string;
  /** PKCE's, S256. */
  readonly challenge: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Of the user, as Cognito names them. */
  readonly subject: string;
  /** What the code's use will begin; a second use ends it. */
  readonly family: FamilyId;
  /** Cognito's tokens as JSON, sealed with the code. */
  readonly sealed: string;
  /** Of the server's key that it was sealed with. */
  readonly keyId: string;
  readonly expiresAt: number;
}

/** Keeps codes, each until some time after its end, so that a second use is seen. */
export interface CodeStore {
  /** @throws ConflictError: there is such a code. */
  add(code: CodeRecord): Promise<void>;
  /** Consistent; also one that was used, or whose time is over. */
  find(hash: string): Promise<CodeRecord | undefined>;
  /** One conditional write: true for the first `use`, and for the same one repeated; false for every other. */
  use(hash: string, use: string): Promise<boolean>;
}
