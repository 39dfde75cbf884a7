import { type Clock, DAY, SECOND } from "@zenode/core";
import * as z from "zod";
import type { UpstreamTokens } from "../upstream/upstream.ts";
import type { CodeRecord, CodeStore } from "./authorization-code.ts";
import { randomText } from "./base64url.ts";
import { digest } from "./digest.ts";
import type { FamilyStore } from "./family.ts";
import { familySeal } from "./family-seal.ts";
import { refuse, type TokenAnswer } from "./oauth-answer.ts";
import { verifies } from "./pkce.ts";
import { firstToken, toTokenText } from "./refresh-token.ts";
import { openText, sealText } from "./sealed-text.ts";
import type { ServerKeys } from "./server-keys.ts";

/** RFC 6749 section 4.1.2 says ten minutes at most; a client asks within a second. */
export const CODE_MS = 60 * SECOND;
/** As long as Cognito's refresh tokens live (stacks/shape.ts). */
const FAMILY_MS = 30 * DAY;

export interface CodeGrantPorts {
  readonly codes: CodeStore;
  readonly families: FamilyStore;
  readonly keys: ServerKeys;
  readonly clock: Clock;
}

export interface CodeRequest {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string;
  /** Absent: the one that the code was asked for. */
  readonly resource?: string;
}

/** What a sign-in ended with, before the client has its code. */
export type Granted = Omit<CodeRecord, "hash" | "sealed" | "keyId" | "expiresAt"> & {
  readonly tokens: UpstreamTokens;
};

const sealedTokens = z.object({
  accessToken: z.string(),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
  refreshToken: z.string(),
  scopes: z.array(z.string()),
});

/** Authorization codes: random, kept by their hash, good once and for a minute. */
export class CodeGrant {
  readonly #ports: CodeGrantPorts;

  constructor(ports: CodeGrantPorts) {
    this.#ports = ports;
  }

  /** The code to give to the client. */
  async issue({ tokens, ...granted }: Granted): Promise<string> {
    const { codes, keys, clock } = this.#ports;
    const [code, now, key] = [randomText(), clock.now(), keys.newest];
    const { expiresIn, ...rest } = tokens;
    const text = JSON.stringify({ ...rest, expiresAt: now + expiresIn * SECOND });
    const hash = await digest(code);
    const sealed = await sealText(text, { key, secret: code, place: hash });
    await codes.add({ ...granted, hash, sealed, keyId: key.id, expiresAt: now + CODE_MS });
    return code;
  }

  /** RFC 6749 section 4.1.3, RFC 7636 section 4.6, RFC 8707 section 2.2. */
  async redeem(request: CodeRequest): Promise<TokenAnswer> {
    const { codes, clock, families } = this.#ports;
    const record = await codes.find(await digest(request.code));
    const fault = record && (await findFault(request, record));
    if (!record || fault === "mismatch") {
      return refuse("invalid_grant", "The code is not one of this client's, or has ended.");
    }
    if (fault === "resource") {
      return refuse("invalid_target", `The code was asked for ${record.resource}.`);
    }
    if (!(await codes.use(record.hash, randomText(16)))) {
      await families.revoke(record.family, clock.now() + FAMILY_MS);
      return refuse("invalid_grant", "The code was used before: the sign-in has ended.");
    }
    if (clock.now() >= record.expiresAt) {
      return refuse("invalid_grant", "The code has ended. Start again.");
    }
    return this.#begin(request.code, record);
  }

  async #begin(code: string, record: CodeRecord): Promise<TokenAnswer> {
    const { families, keys, clock } = this.#ports;
    const [sealedWith, key, now] = [keys.find(record.keyId), keys.newest, clock.now()];
    const seal = { secret: code, place: record.hash };
    const text = sealedWith && (await openText(record.sealed, { ...seal, key: sealedWith }));
    if (text === undefined) return refuse("invalid_grant", "The code has ended. Start again.");
    const tokens = sealedTokens.parse(JSON.parse(text));
    const { family: id, clientId, subject, scopes, resource } = record;
    const token = await firstToken(id, key);
    const created = await families.create({
      ...{ id, clientId, subject, scopes, resource, movedAt: now, keyId: key.id },
      hash: await digest(toTokenText(token)),
      sealed: await sealText(
        tokens.refreshToken,
        familySeal({ id, clientId, subject }, token, key),
      ),
      expiresAt: now + FAMILY_MS,
    });
    if (!created)
      return refuse("invalid_grant", "The code was used before: the sign-in has ended.");
    return {
      kind: "issued",
      accessToken: tokens.accessToken,
      expiresIn: Math.max(0, Math.floor((tokens.expiresAt - now) / SECOND)),
      refreshToken: toTokenText(token),
      scopes: tokens.scopes,
    };
  }
}

/** What does not fit is not told apart: the code may be somebody else's. */
async function findFault(
  request: CodeRequest,
  record: CodeRecord,
): Promise<"mismatch" | "resource" | undefined> {
  const fits =
    request.clientId === record.clientId &&
    request.redirectUri === record.redirectUri &&
    (await verifies(request.verifier, record.challenge));
  if (!fits) return "mismatch";
  return (request.resource ?? record.resource) === record.resource ? undefined : "resource";
}
