import {
  type AuthInfo,
  CLIENT_CAPABILITIES_META_KEY,
  createMcpHandler,
  ProtocolErrorCode,
  type ServerCapabilities,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Job } from "../burst/job.ts";
import { findOwnJob } from "../burst/own-job.ts";
import { rejection, tasksRequired } from "./error-to-wire.ts";
import { type Exchange, type Served, targetOf, toDeadline } from "./exchange.ts";
import { FILTER, type ListenFilter } from "./listen-filter.ts";
import { ListenStream } from "./listen-stream.ts";
import type { McpCall } from "./ports.ts";
import { sourceOf } from "./resources.ts";
import { createServer } from "./server.ts";
import { SSE_HEADERS } from "./sse.ts";
import { TASKS_EXTENSION } from "./tasks-extension.ts";

const REQUEST = z.object({
  id: z.union([z.string(), z.number()]),
  method: z.literal("subscriptions/listen"),
  params: z.object({ notifications: FILTER, _meta: z.record(z.string(), z.unknown()) }),
});

interface Received {
  readonly request: Request;
  readonly body: unknown;
  readonly authInfo: AuthInfo;
}

export function isListen(body: unknown): boolean {
  return (Object(body) as { method?: unknown }).method === "subscriptions/listen";
}

/**
 * Answers `subscriptions/listen` (2026-07-28, basic/utilities/subscriptions). The SDK checks headers and
 * envelope; the stream is ours, because the SDK knows no `taskIds` and ends no stream by itself.
 */
export async function serveListen(
  served: Served,
  call: McpCall,
  received: Received,
): Promise<Response> {
  const exchange: Exchange = {
    era: "modern",
    principal: call.principal,
    deadline: toDeadline(served, call),
    targetOf: () => targetOf(received.body),
    openStream: () => undefined,
    handedOut: () => undefined,
  };
  const refusal = await refuse(served, { ...received, exchange });
  if (refusal) return refusal;
  const parsed = REQUEST.safeParse(received.body);
  if (!parsed.success) {
    const message = `Invalid params: ${z.prettifyError(parsed.error)}`;
    const { id } = received.body as { readonly id: string | number };
    return rejection(200, { code: ProtocolErrorCode.InvalidParams, message }, { id });
  }
  const { id, params } = parsed.data;
  if (params.notifications.taskIds && !declaresTasks(params._meta)) {
    const { code, message, data } = tasksRequired();
    const error = { code, message, data };
    return rejection(400, error, { id });
  }
  const { server } = createServer(served, exchange);
  const honored = honor(served, params.notifications, server.getCapabilities());
  const jobs = await findJobs(served, call, params.notifications.taskIds ?? []);
  const accepted = jobs.map((job) => job.id);
  const filter = { ...honored, ...(accepted.length > 0 && { taskIds: accepted }) };
  const { clock } = served.ports;
  const until = Math.min(exchange.deadline, clock.now() + served.limits.listenMs);
  return new ListenStream({ served, principal: call.principal, id, filter, jobs, until }).open();
}

/** The SDK's own answer, unless it would have opened a stream. */
async function refuse(
  served: Served,
  { request, body, authInfo, exchange }: Received & { readonly exchange: Exchange },
): Promise<Response | undefined> {
  const handler = createMcpHandler(() => createServer(served, exchange), {
    legacy: "reject",
    maxRequestBodySize: served.limits.bodyBytes,
  });
  const answer = await handler.fetch(request, {
    parsedBody: body,
    authInfo,
  });
  if (answer.headers.get("content-type") !== SSE_HEADERS["Content-Type"]) return answer;
  await answer.body?.cancel();
  await handler.close();
  return undefined;
}

function declaresTasks(meta: Readonly<Record<string, unknown>>): boolean {
  const capabilities = Object(meta[CLIENT_CAPABILITIES_META_KEY]) as { extensions?: unknown };
  return Object.hasOwn(Object(capabilities.extensions), TASKS_EXTENSION);
}

/** What was asked for and can be delivered. */
function honor(
  { sources }: Served,
  asked: ListenFilter,
  { tools, prompts, resources }: ServerCapabilities,
): ListenFilter {
  const uris = (asked.resourceSubscriptions ?? []).filter((uri) => sourceOf(sources, uri));
  return {
    ...(asked.toolsListChanged && tools?.listChanged && { toolsListChanged: true }),
    ...(asked.promptsListChanged && prompts?.listChanged && { promptsListChanged: true }),
    ...(asked.resourcesListChanged && resources?.listChanged && { resourcesListChanged: true }),
    ...(uris.length > 0 && resources?.subscribe && { resourceSubscriptions: uris }),
  };
}

/** The caller's own tasks; others are left out of what is acknowledged. */
async function findJobs(
  { ports }: Served,
  { principal }: McpCall,
  taskIds: readonly string[],
): Promise<readonly Job[]> {
  const ids = [...new Set(taskIds)];
  const found = await Promise.all(ids.map((id) => findOwnJob(ports.calls, principal, id)));
  return found.filter((job) => job !== undefined);
}
