import {
  classifyInboundRequest,
  isJsonContentType,
  ProtocolErrorCode,
  preloadSchemas,
  readRequestBody,
} from "@modelcontextprotocol/server";
import { allows } from "../access/scope.ts";
import { ChangeBus } from "../changes/change-bus.ts";
import { isDeeperThan } from "../lib/json.ts";
import { failureResponse, insufficientScope, rejection, TRANSPORT_ERROR } from "./error-to-wire.ts";
import type { Served } from "./exchange.ts";
import { serveLegacyPost } from "./legacy/post.ts";
import { serveSsePost } from "./legacy/sse-post.ts";
import { serveSseStream } from "./legacy/sse-stream.ts";
import { serveLegacyDelete, serveLegacyGet } from "./legacy/streams.ts";
import { serveModern } from "./modern.ts";
import { type McpCall, type McpEndpoint, type McpPorts, SSE_PATHS } from "./ports.ts";
import { RequestStates, spendInLog } from "./request-state.ts";
import { requiredScope } from "./required-scope.ts";
import { createServing } from "./serving.ts";

// The SDK makes its wire schemas when they are first needed; made here, they fall into a Lambda's
// init phase, which has a full CPU, instead of into its first request.
preloadSchemas();

/**
 * The MCP endpoint: protocol revisions 2026-07-28 (stateless) and 2025-11-25, 2025-06-18, 2025-03-26
 * (sessions) on one URL, from one catalogue of tools. Create it once a process.
 * @throws Error when two tools have one name; RangeError for a key of `requestStateKeys` under 32 bytes.
 */
export function createMcpEndpoint(ports: McpPorts): McpEndpoint {
  const { requestStateKeys: keys } = ports;
  const requestStates = keys && new RequestStates(keys, spendInLog(ports));
  const changes = new ChangeBus(ports);
  const served: Served = {
    ...createServing(ports, { changes, ...(requestStates && { requestStates }) }),
    ports,
    changes,
  };
  const origins = new Set(ports.allowedOrigins.map((origin) => origin.toLowerCase()));
  return {
    async handle(request, call) {
      try {
        return refuseOrigin(request, origins) ?? (await route(served, request, call));
      } catch (error) {
        served.report(error);
        return failureResponse(error);
      }
    },
  };
}

/** A page in a browser may not talk to this server behind its user's back (specification, transports, "Security Warning"). */
function refuseOrigin(request: Request, allowed: ReadonlySet<string>): Response | undefined {
  const origin = request.headers.get("origin");
  if (origin === null || allowed.has(origin.toLowerCase())) return undefined;
  return rejection(403, { code: TRANSPORT_ERROR, message: "This origin is not allowed." });
}

function route(served: Served, request: Request, call: McpCall): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === SSE_PATHS.stream) {
    return only("GET", request, () => serveSseStream(served, request, call));
  }
  if (pathname === SSE_PATHS.messages) {
    return only("POST", request, () => serveSseMessages(served, request, call));
  }
  switch (request.method) {
    case "POST":
      return servePost(served, request, call);
    case "GET":
      return serveLegacyGet(served, request, call);
    case "DELETE":
      return serveLegacyDelete(served, request, call);
    default:
      return Promise.resolve(wrongMethod("POST, GET, DELETE"));
  }
}

function only(method: string, request: Request, serve: () => Promise<Response>): Promise<Response> {
  return request.method === method ? serve() : Promise.resolve(wrongMethod(method));
}

function wrongMethod(allowed: string): Response {
  const error = { code: TRANSPORT_ERROR, message: "Method not allowed." };
  return rejection(405, error, { headers: { Allow: allowed } });
}

async function serveSseMessages(
  served: Served,
  request: Request,
  call: McpCall,
): Promise<Response> {
  const read = await readJson(request, served.limits.bodyBytes);
  if (read instanceof Response) return read;
  return (
    challengeFor(served, read.body, call) ??
    serveSsePost(served, call, { request, body: read.body })
  );
}

async function servePost(served: Served, request: Request, call: McpCall): Promise<Response> {
  const read = await readJson(request, served.limits.bodyBytes);
  if (read instanceof Response) return read;
  const { body } = read;
  const challenge = challengeFor(served, body, call);
  if (challenge) return challenge;
  const { headers } = request;
  const outcome = classifyInboundRequest({
    httpMethod: "POST",
    ...header("protocolVersionHeader", headers.get("mcp-protocol-version")),
    ...header("mcpMethodHeader", headers.get("mcp-method")),
    ...header("mcpNameHeader", headers.get("mcp-name")),
    body,
  });
  return outcome.kind === "legacy"
    ? serveLegacyPost(served, call, { request, body })
    : serveModern(served, call, { request, body });
}

function header<Name extends string>(name: Name, value: string | null): { [N in Name]?: string } {
  return value === null ? {} : ({ [name]: value } as { [N in Name]: string });
}

/** What validates, copies and stores a message recurses over it, and stacks end. */
const MAX_DEPTH = 200;

/** The body as JSON, or the refusal. */
async function readJson(
  request: Request,
  limit: number,
): Promise<{ readonly body: unknown } | Response> {
  if (!isJsonContentType(request.headers.get("content-type"))) {
    const message = "Unsupported Media Type: Content-Type must be application/json";
    return rejection(415, { code: TRANSPORT_ERROR, message });
  }
  const read = await readRequestBody(request, limit);
  if (read.tooLarge) {
    const message = `Payload too large: at most ${limit} bytes are taken.`;
    return rejection(413, { code: TRANSPORT_ERROR, message });
  }
  try {
    const body: unknown = JSON.parse(read.text);
    if (!isDeeperThan(MAX_DEPTH, body)) return { body };
  } catch {
    const message = "Parse error: the request body is not valid JSON";
    return rejection(400, { code: ProtocolErrorCode.ParseError, message });
  }
  const message = `Invalid Request: the body is nested over ${MAX_DEPTH} levels`;
  return rejection(400, { code: ProtocolErrorCode.InvalidRequest, message });
}

/** One check for both eras, before either leg does anything (a batch is checked whole). */
function challengeFor(served: Served, body: unknown, { principal }: McpCall): Response | undefined {
  for (const message of Array.isArray(body) ? body : [body]) {
    const scope = requiredScope(served, message);
    if (scope && !allows(principal.scopes, scope)) {
      return insufficientScope(scope, served.ports.resourceMetadataUrl);
    }
  }
  return undefined;
}
