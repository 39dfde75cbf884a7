import { fromBase64Url, toBase64Url } from "./base64url.ts";

/** Names a key without telling of it. */
type KeyId = string;

export interface ServerKey {
  readonly id: KeyId;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const KEY_BYTES = 32;
const encoder = new TextEncoder();

/**
 * The server's secrets, newest first: what is made is made with the newest, what was made with an older one is still
 * understood, so that keys change without anybody signing in anew.
 */
export class ServerKeys {
  readonly all: readonly ServerKey[];

  private constructor(keys: readonly ServerKey[]) {
    this.all = keys;
  }

  /** `<key>[,<key>…]`, base64url of 32 bytes or more. @throws Error that says which is not usable. */
  static async parse(text: string): Promise<ServerKeys> {
    const keys = text.split(",").map(async (one, at) => {
      const bytes = fromBase64Url(one);
      if (!bytes || bytes.length < KEY_BYTES) {
        throw new Error(`Server key ${at + 1} is not base64url of ${KEY_BYTES} bytes or more.`);
      }
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return { id: toBase64Url(hash.slice(0, 6)), bytes };
    });
    return new ServerKeys(await Promise.all(keys));
  }

  get newest(): ServerKey {
    const [key] = this.all;
    if (!key) throw new Error("There is always a key.");
    return key;
  }

  find(id: KeyId): ServerKey | undefined {
    return this.all.find((key) => key.id === id);
  }
}

/** HMAC-SHA-256 of a text for one purpose: what it gives for one says nothing of any other. */
export async function derive(key: ServerKey, purpose: string, text: string): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key.bytes, algorithm, false, ["sign"]);
  const message = encoder.encode(`zenode ${purpose}\n${text}`);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}
