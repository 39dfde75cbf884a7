import type { Principal } from "../access/principal.ts";
import { toHex } from "../workspace/hex.ts";

/** JSON with sorted keys, so that equal arguments give equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}

/** Names a call: the same caller asking the same of the same tool. SHA-256, hex. */
export async function toCallKey(
  principal: Principal,
  tool: string,
  sent: unknown,
): Promise<string> {
  const text = canonical([
    principal.tenant,
    principal.issuer,
    principal.subject,
    principal.clientId,
    tool,
    sent,
  ]);
  return digest(text);
}

/** Names what a call's result depends on, beside what the call key names. SHA-256, hex. */
export function toBasisKey(basis: string): Promise<string> {
  return digest(basis);
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toHex(new Uint8Array(hash));
}
