import * as z from "zod";
import { fromBase64Url, toBase64Url } from "../token/base64url.ts";
import { isSameDigest } from "../token/digest.ts";
import { derive, type ServerKey, type ServerKeys } from "../token/server-keys.ts";

/** A form of ours that a user was shown: which, to whom, until when, and what it is about. */
export interface ShownForm {
  readonly purpose: "consent";
  /** SHA-256 of the browser's cookie. */
  readonly browser: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** The authorization request's query, as it came. */
  readonly query: string;
}

const shownForm = z.object({
  purpose: z.literal("consent"),
  browser: z.string(),
  expiresAt: z.number(),
  query: z.string(),
});

/** For a hidden field: nobody else can make it, so a form that comes back with it was shown by us, to this browser. */
export async function signForm(form: ShownForm, keys: ServerKeys): Promise<string> {
  const text = toBase64Url(new TextEncoder().encode(JSON.stringify(form)));
  return `${text}.${await signatureOf(text, keys.newest)}`;
}

/** Undefined: it is not ours, for another browser, or too old. */
export async function openForm(
  field: string,
  { browser, now, keys }: { browser: string; now: number; keys: ServerKeys },
): Promise<ShownForm | undefined> {
  const [text = "", signature = ""] = field.split(".");
  const signatures = await Promise.all(keys.all.map((key) => signatureOf(text, key)));
  if (!signatures.some((one) => isSameDigest(one, signature))) return undefined;
  const form = shownForm.parse(JSON.parse(new TextDecoder().decode(fromBase64Url(text))));
  return isSameDigest(form.browser, browser) && form.expiresAt > now ? form : undefined;
}

async function signatureOf(text: string, key: ServerKey): Promise<string> {
  return toBase64Url(await derive(key, "form", text));
}
