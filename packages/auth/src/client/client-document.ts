import { RefusedError } from "@zenode/core";
import * as z from "zod";
import type { Client } from "./client.ts";
import { cleanClientName } from "./client-name.ts";
import { isLoopback, parseRedirectUri } from "./redirect-uri.ts";

/** RFC 7591's names. A secret in a public document is none: the draft forbids its fields and methods. */
const documentShape = z.object({
  client_id: z.string(),
  client_name: z.string(),
  redirect_uris: z.array(z.string()).min(1).max(20),
  application_type: z.enum(["native", "web"]).optional(),
  token_endpoint_auth_method: z.literal("none").optional(),
  client_secret: z.never().optional(),
  client_secret_expires_at: z.never().optional(),
});

/**
 * The client that the metadata document at a `client_id` describes; its id, a name and redirect URIs must be there (MCP
 * 2026-07-28, basic/authorization). Redirect URIs that can't be used here are left out: the document is the same for all
 * servers, and others may know an application's own scheme.
 * @throws RefusedError `invalid_input`.
 */
export function parseClientDocument(url: string, bytes: Uint8Array): Client {
  const parsed = documentShape.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(`${issue?.path.join(".") || "it"} can't be taken: ${issue?.message}`);
  }
  const { client_id, client_name, redirect_uris, application_type } = parsed.data;
  if (client_id !== url) throw refused("its client_id is not its own URL");
  const name = cleanClientName(client_name);
  if (name === undefined) throw refused("its client_name has nothing to show");
  const redirectUris = usableRedirects(redirect_uris);
  if (redirectUris.length === 0) throw refused("none of its redirect_uris can be used here");
  // OpenID's default is "web"; but nothing on the web can be found at a loopback address.
  const native =
    application_type === undefined ? redirectUris.every(isLoopback) : application_type === "native";
  return { id: client_id, kind: "document", name, redirectUris, native };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refused("it is not JSON in UTF-8", { cause });
  }
}

function usableRedirects(texts: readonly string[]): readonly string[] {
  const usable = texts.flatMap((text) => {
    try {
      return [parseRedirectUri(text)];
    } catch (cause) {
      if (cause instanceof RefusedError && cause.code === "invalid_input") return [];
      throw cause;
    }
  });
  return [...new Set(usable)];
}

function refused(why: string, options?: ErrorOptions): RefusedError {
  const text = `This client's metadata document can't be used: ${why}.`;
  return new RefusedError("invalid_input", text, options);
}
