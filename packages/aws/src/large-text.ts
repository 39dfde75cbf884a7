import { type Json, KIB, RefusedError } from "@zenode/core";
import type { S3Bucket } from "./s3-bucket.ts";
import { parseJson } from "./stored-item.ts";

/** The most that an item can hold of a JSON value by itself; the rest of DynamoDB's 400 KB is for other attributes. */
const MOST_INLINE_BYTES = 300 * KIB;

/** A JSON value as an item holds it: the text itself, or the key of the object that does. */
export type StoredText =
  | { readonly kind: "inline"; readonly text: string }
  | { readonly kind: "object"; readonly key: string };

/** Keeps JSON in its item where it fits, else in the bucket; readers don't see the difference. */
export class LargeText {
  readonly #bucket: S3Bucket | undefined;
  readonly #inlineBytes: number;

  /** `inlineBytes`: what stays in its item where there is a bucket. */
  constructor(bucket: S3Bucket | undefined, inlineBytes = MOST_INLINE_BYTES) {
    this.#bucket = bucket;
    this.#inlineBytes = bucket ? inlineBytes : MOST_INLINE_BYTES;
  }

  /**
   * Stores a text over the limit under `key`, durable when this returns.
   * @throws RefusedError `too_large` where there is no bucket for it.
   */
  async store(text: string, key: () => string): Promise<StoredText> {
    const bytes = Buffer.byteLength(text);
    if (bytes <= this.#inlineBytes) return { kind: "inline", text };
    if (!this.#bucket) {
      const message = `${bytes} bytes of JSON are too large to be stored: ${this.#inlineBytes} are the limit.`;
      throw new RefusedError("too_large", message);
    }
    const object = key();
    await this.#bucket.put(object, new TextEncoder().encode(text), false);
    return { kind: "object", key: object };
  }

  /** @throws RefusedError `corrupt` when the object is gone or is not JSON. */
  async load(what: string, stored: StoredText): Promise<Json> {
    if (stored.kind === "inline") return parseJson(what, stored.text);
    const part = await this.#bucket?.get(stored.key);
    if (!part) throw new RefusedError("corrupt", `The stored ${what} is gone.`);
    return parseJson(what, new TextDecoder().decode(part.body));
  }
}

/** Reads `<name>` or `<name>Object` of an item. Undefined: it has neither. */
export function storedText(
  item: { optionalText(name: string): string | undefined },
  name: string,
): StoredText | undefined {
  const text = item.optionalText(name);
  if (text !== undefined) return { kind: "inline", text };
  const key = item.optionalText(`${name}Object`);
  return key === undefined ? undefined : { kind: "object", key };
}

/** The attribute that `storedText` reads. */
export function textAttribute(name: string, stored: StoredText): Readonly<Record<string, string>> {
  return stored.kind === "inline" ? { [name]: stored.text } : { [`${name}Object`]: stored.key };
}
