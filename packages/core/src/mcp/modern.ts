import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import { toOAuthScope } from "../access/scope.ts";
import { type Exchange, type Served, targetOf, toDeadline } from "./exchange.ts";
import { isListen, serveListen } from "./listen.ts";
import type { McpCall } from "./ports.ts";
import { createServer } from "./server.ts";
import { frame, isStream, keptAlive, toEvent } from "./sse.ts";

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
  if (first !== "stream") {
    if (isStream(first)) return handlesWithoutContent(first, () => isHandle);
    return isHandle ? withoutContent(first) : first;
  }
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
  return Response.json(stripContent(await response.json()), { status: response.status });
}

/** The same on the stream of a call that told of its progress here before it moved. */
function handlesWithoutContent(response: Response, isHandle: () => boolean): Response {
  const decoder = new TextDecoder();
  // The SDK writes an event at a time.
  const strip = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = isHandle() ? decoder.decode(chunk) : "";
      const [, data] = /^event: message\ndata: (\{.*"resultType":"task".*\})\n\n$/.exec(text) ?? [];
      controller.enqueue(data ? frame(toEvent(stripContent(JSON.parse(data)))) : chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body?.pipeThrough(strip) ?? null, { status, headers });
}

function stripContent(body: unknown): unknown {
  const message = body as { readonly result?: Record<string, unknown> };
  const { content: _, ...result } = message.result ?? {};
  return message.result ? { ...message, result } : message;
}
