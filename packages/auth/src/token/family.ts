import type { FamilyId } from "./refresh-token.ts";

/** What one sign-in of one client gave: a line of refresh tokens, of which the newest is good. */
export interface Family {
  readonly id: FamilyId;
  readonly clientId: string;
  /** Of the user, as Cognito names them. */
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly resource: string;
  /** Of the newest token's text. */
  readonly hash: string;
  /** Of the one before it; absent: there was none. */
  readonly previousHash?: string;
  /** Epoch milliseconds of the last move. */
  readonly movedAt: number;
  /** Of the server's key that the newest token and the seal were made with. */
  readonly keyId: string;
  /** Cognito's refresh token, sealed with the newest token. */
  readonly sealed: string;
  readonly expiresAt: number;
  /** Nothing of it is good any more. */
  readonly revoked?: boolean;
}

/** What a family becomes when its newest token is used. */
export type Move = Required<Pick<Family, "hash" | "previousHash" | "movedAt" | "keyId" | "sealed">>;

/** Keeps families. Each change is one conditional write, and may be repeated. */
export interface FamilyStore {
  /** False: it was revoked before it was there (its code was used twice). A repeated creation of the same is true. */
  create(family: Family): Promise<boolean>;
  /** Consistent. Undefined: there is none, or its time is over; one that was revoked is there, and says so. */
  find(id: FamilyId, now: number): Promise<Family | undefined>;
  /** Only while `previousHash` is the newest token's. False: it is not, or no more; read again. */
  move(id: FamilyId, move: Move): Promise<boolean>;
  /** For good, also before it is created; until `expiresAt` nothing can be created in its place. */
  revoke(id: FamilyId, expiresAt: number): Promise<void>;
}
