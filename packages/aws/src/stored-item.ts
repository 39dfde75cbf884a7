import { type Json, RefusedError } from "@zenode/core";

/** An item's attributes as JavaScript values. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * Reads an item's attributes at the border. Every method throws RefusedError `corrupt`, naming the
 * item's kind and the attribute, when it is not what our own writers store.
 */
export class StoredItem {
  readonly #kind: string;
  readonly #attributes: Attributes;

  constructor(kind: string, attributes: Attributes) {
    this.#kind = kind;
    this.#attributes = attributes;
  }

  text(name: string): string {
    const value = this.#attributes[name];
    return typeof value === "string" ? value : this.#fail(name);
  }

  optionalText(name: string): string | undefined {
    return this.#attributes[name] === undefined ? undefined : this.text(name);
  }

  number(name: string): number {
    const value = this.#attributes[name];
    return typeof value === "number" ? value : this.#fail(name);
  }

  optionalNumber(name: string): number | undefined {
    return this.#attributes[name] === undefined ? undefined : this.number(name);
  }

  flag(name: string): boolean {
    const value = this.#attributes[name];
    return typeof value === "boolean" ? value : this.#fail(name);
  }

  optionalFlag(name: string): boolean | undefined {
    return this.#attributes[name] === undefined ? undefined : this.flag(name);
  }

  /** A string set; DynamoDB has no empty one, so an absent one is empty. */
  textSet(name: string): readonly string[] {
    const value = this.#attributes[name];
    if (value === undefined) return [];
    if (!(value instanceof Set)) return this.#fail(name);
    return [...value].map((text) => (typeof text === "string" ? text : this.#fail(name)));
  }

  /** A list of texts, kept as JSON. */
  texts(name: string): readonly string[] {
    const list = this.json(name);
    if (!Array.isArray(list)) return this.#fail(name);
    return list.map((text) => (typeof text === "string" ? text : this.#fail(name)));
  }

  json(name: string): Json {
    return parseJson(`${this.#kind}.${name}`, this.text(name));
  }

  #fail(name: string): never {
    throw new RefusedError("corrupt", `A stored ${this.#kind} has no valid ${name}.`);
  }
}

/** @throws RefusedError `corrupt`. */
export function parseJson(what: string, text: string): Json {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RefusedError("corrupt", `The stored ${what} is not JSON.`, { cause });
  }
}

/** Whether an item's time is over: DynamoDB deletes late, so each reader asks. */
export function isOver(attributes: Attributes, now: number): boolean {
  const { expiresAt, expiresAtMs } = attributes;
  if (typeof expiresAtMs === "number") return expiresAtMs <= now;
  return typeof expiresAt === "number" && expiresAt * 1000 <= now;
}
