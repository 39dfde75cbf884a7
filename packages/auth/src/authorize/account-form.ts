import * as z from "zod";
import { openText, sealText } from "../token/sealed-text.ts";
import type { ServerKey, ServerKeys } from "../token/server-keys.ts";
import type { UpstreamAccount } from "../upstream/upstream.ts";

/** Who signed in, while the page that names them is shown: their browser carries it, and can't read it. */
export interface AccountForm {
  /** Of what is kept of the request meanwhile. */
  readonly id: string;
  readonly account: UpstreamAccount;
}

const accountForm = z.object({
  id: z.string(),
  account: z.object({
    subject: z.string(),
    name: z.string(),
    tokens: z.object({
      accessToken: z.string(),
      expiresIn: z.number(),
      refreshToken: z.string(),
      scopes: z.array(z.string()),
    }),
  }),
});

const PLACE = "account form";

export async function sealAccount(
  form: AccountForm,
  browser: string,
  key: ServerKey,
): Promise<string> {
  const sealed = await sealText(JSON.stringify(form), { key, secret: browser, place: PLACE });
  return `${key.id}.${sealed}`;
}

/** Undefined: it is not ours, or another browser's. */
export async function openAccount(
  field: string,
  browser: string,
  keys: ServerKeys,
): Promise<AccountForm | undefined> {
  const dot = field.indexOf(".");
  const key = keys.find(field.slice(0, dot));
  const text =
    key && (await openText(field.slice(dot + 1), { key, secret: browser, place: PLACE }));
  return text === undefined ? undefined : accountForm.parse(JSON.parse(text));
}
