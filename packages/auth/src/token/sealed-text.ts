import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { derive, type ServerKey } from "./server-keys.ts";

/** AES-GCM's, as NIST SP 800-38D recommends. */
const NONCE_BYTES = 12;
const encoder = new TextEncoder();

/** Who can open a sealed text: it takes both. */
export interface Seal {
  readonly key: ServerKey;
  /** Held by the client alone; at least 128 random bits. */
  readonly secret: string;
  /** Where it lies: it can't be moved elsewhere. */
  readonly place: string;
}

export async function sealText(text: string, seal: Seal): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const algorithm = toAlgorithm(nonce, seal);
  const sealed = await crypto.subtle.encrypt(algorithm, await toKey(seal), encoder.encode(text));
  return `${toBase64Url(nonce)}.${toBase64Url(new Uint8Array(sealed))}`;
}

/** Undefined: it was sealed otherwise, or changed. */
export async function openText(sealed: string, seal: Seal): Promise<string | undefined> {
  const [nonce, body] = sealed.split(".").map(fromBase64Url);
  if (nonce?.length !== NONCE_BYTES || !body) return undefined;
  try {
    const text = await crypto.subtle.decrypt(toAlgorithm(nonce, seal), await toKey(seal), body);
    return new TextDecoder().decode(text);
  } catch (cause) {
    if (cause instanceof Error && cause.name === "OperationError") return undefined;
    throw cause;
  }
}

function toAlgorithm(iv: Uint8Array<ArrayBuffer>, { place }: Seal) {
  return { name: "AES-GCM", iv, additionalData: encoder.encode(place) };
}

async function toKey({ key, secret }: Seal) {
  const bytes = new Uint8Array(await derive(key, "seal", secret));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}
