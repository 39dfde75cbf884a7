import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** As the JWKS shows it. */
  readonly publicJwk: JWK;
}

/** Cognito signs identity tokens with one key and access tokens with another; the JWKS lists both. */
export interface SigningKeys {
  readonly id: SigningKey;
  readonly access: SigningKey;
}

/** The pool's keys: read from `dir`, or made and kept there, readable by the owner only. */
export async function loadSigningKeys(dir: string): Promise<SigningKeys> {
  const file = join(dir, "signing-keys.json");
  const stored = readStored(file);
  if (stored !== undefined) {
    return { id: await toKey(stored.id), access: await toKey(stored.access) };
  }
  const made = { id: await makeJwk(), access: await makeJwk() };
  // Written beside and renamed: a kill in between must not leave half a key file.
  writeFileSync(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return { id: await toKey(made.id), access: await toKey(made.access) };
}

function readStored(file: string): { id: JWK; access: JWK } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { id: JWK; access: JWK };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
}

async function makeJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: randomBytes(32).toString("base64"), alg: "RS256", use: "sig" };
}

async function toKey(jwk: JWK): Promise<SigningKey> {
  const { alg, e, kid = "", kty, n, use } = jwk;
  const privateKey = await importJWK(jwk, "RS256");
  if (privateKey instanceof Uint8Array) throw new TypeError("A signing key must be an RSA key.");
  return { kid, privateKey, publicJwk: { alg, e, kid, kty, n, use } as JWK };
}
