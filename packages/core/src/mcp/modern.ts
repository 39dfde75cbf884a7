import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import { toOAuthScope } from "../access/scope.ts";
import { type Exchange, type Served, targetOf, toDeadline } from "./exchange.ts";
import { isListen, serveListen } from "./listen.ts";
import type { McpCall } from "./ports.ts";
import { createServer } from "./server.ts";
import { keptAlive } from "./sse.ts";

/** Answers one request of revision 2026-07-28, or refuses what claims to be one. Reads no session. */
export async function serveModern(
  served: Served,
  call: McpCall,
  { request, body }: { readonly request: Request; readonly body: unknown },
): Promise<Response> {
  const authInfo = toAuthInfo(served, call);
  if (isListen(body)) return serveListen(served, call, { request, body, authInfo });
  const opened = Promise.withResolvers<"stream">();
  let isHandle = false;
  const exchange: Exchange = {
    era: "modern",
    principal: call.principal,
    deadline: toDeadline(served, call),
    targetOf: () => targetOf(body),
    openStream: () => opened.resolve("stream"),
    handedOut: () => {
      isHandle = true;
    },
  };
  const handler = createMcpHandler(() => createServer(served, exchange), {
    legacy: "reject",
    keepAliveMs: served.limits.keepAliveMs,
    maxRequestBodySize: served.limits.bodyBytes,
  });
  const answer = handler.fetch(request, { parsedBody: body, authInfo });
  const first = await Promise.race([answer, opened.promise]);
  if (first !== "stream") return isHandle ? withoutContent(first) : first;
  const { clock } = served.ports;
  return keptAlive(answer, { clock, everyMs: served.limits.keepAliveMs, onLeave: handler.close });
}

/** The SDK's view of the principal; the token itself goes nowhere. */
export function toAuthInfo(served: Served, { principal }: McpCall): AuthInfo {
  return {
    token: "",
    clientId: principal.clientId,
    scopes: [...principal.scopes].map(toOAuthScope),
    expiresAt: Math.floor(principal.expiresAt / 1000),
    resourceMetadataUrl: served.ports.resourceMetadataUrl,
    extra: { subject: principal.subject, tenant: principal.tenant },
  };
}

/** The SDK gives every tools/call result a `content`; a task handle has none. */
async function withoutContent(response: Response): Promise<Response> {
  const message = (await response.json()) as { result?: { content?: unknown } };
  if (message.result) delete message.result.content;
  return Response.json(message, { status: response.status });
}
