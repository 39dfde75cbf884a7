import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { bodyCutOf, type FaultAction, type FaultPlan } from "../faults/fault-plan.ts";
import { decodeChunks } from "./body/chunked-body.ts";
import { RequestBody } from "./body/request-body.ts";
import { corsHeaders, preflight } from "./operations/cors.ts";
import { errorReply, type Reply, releaseReply, sendReply } from "./reply.ts";
import { parseRequest, type S3Request } from "./request.ts";
import { findRoute, type Route } from "./routes.ts";
import { S3Error } from "./s3-error.ts";
import { ChunkSignatures } from "./signature/chunk-signature.ts";
import {
  type Authentication,
  authenticate,
  type Credentials,
} from "./signature/request-signature.ts";
import type { ObjectStore } from "./store/object-store.ts";

/** One request as it ended. Bytes are of bodies, without headers or framing. */
export interface S3Usage {
  /** AWS's name; `Preflight` or `Unknown` for what is no operation. */
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** 0: the answer was lost. */
  readonly status: number;
}

export interface S3Parts {
  readonly store: ObjectStore;
  readonly credentials: Credentials;
  readonly faults: FaultPlan;
  readonly requests: ((usage: S3Usage) => void) | undefined;
  /** Aborted at close: ends what is delayed by a fault. */
  readonly closing: AbortSignal;
}

/** What is known of a request so far. */
interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: RequestBody;
  readonly requestId: string;
  request?: S3Request;
  route?: Route | undefined;
  fault?: FaultAction | undefined;
  bytesIn: number;
}

/** Answers one request: fault, signature, operation, in this order. */
export async function serveRequest(
  parts: S3Parts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  const body = new RequestBody(message);
  const exchange: Exchange = { message, response, body, requestId, bytesIn: 0 };
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("server", "AmazonS3");
  let reply: Reply;
  try {
    reply = await answer(parts, exchange);
  } catch (cause) {
    // The client left in the middle of its body, or the server is closing: there is nobody to answer.
    if (parts.closing.aborted || (message.destroyed && !message.complete)) return;
    if (!(cause instanceof S3Error)) throw cause;
    reply = errorReply(cause, exchange.request?.rawPath ?? "", requestId);
    await body.drain();
  }
  const bytesOut = await deliver(exchange, reply);
  report(parts, exchange, { status: reply.status, bytesOut });
}

function report(
  parts: S3Parts,
  exchange: Exchange,
  end: Pick<S3Usage, "status" | "bytesOut">,
): void {
  const { message, request, route, fault, bytesIn } = exchange;
  const other = message.method === "OPTIONS" ? "Preflight" : "Unknown";
  parts.requests?.({
    operation: route?.operation ?? other,
    bucket: request?.bucket ?? "",
    key: request?.key ?? "",
    bytesIn,
    bytesOut: end.bytesOut,
    status: fault?.kind === "lose-answer" ? 0 : end.status,
  });
}

async function deliver({ message, response, fault }: Exchange, reply: Reply): Promise<number> {
  try {
    if (fault?.kind === "lose-answer") {
      response.destroy();
      return 0;
    }
    const head = message.method === "HEAD";
    return await sendReply(response, reply, { head, cut: bodyCutOf(fault) });
  } finally {
    releaseReply(reply);
  }
}

function setCorsHeaders(parts: S3Parts, request: S3Request, response: ServerResponse): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  const bucket = parts.store.buckets.get(request.bucket);
  const headers = corsHeaders(bucket, origin, request.method);
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
}

async function answer(parts: S3Parts, exchange: Exchange): Promise<Reply> {
  const { store, credentials, faults } = parts;
  const request = parseRequest(exchange.message);
  exchange.request = request;
  if (request.method === "OPTIONS") {
    return preflight(store.buckets.get(request.bucket), request.headers);
  }
  setCorsHeaders(parts, request, exchange.response);
  const route = findRoute(request);
  exchange.route = route;
  exchange.fault = route === undefined ? undefined : faults.draw("s3", route.operation);
  await applyFault(exchange.fault, parts.closing);
  // A browser upload signs the policy in its form, not its request.
  const form = route?.operation === "PostObject";
  const authentication = form ? undefined : authenticate(request, credentials, Date.now());
  if (route === undefined) throw new S3Error("NotImplemented");
  const needsBucket = route.operation !== "CreateBucket" && request.bucket !== "";
  if (needsBucket && store.buckets.get(request.bucket) === undefined) {
    throw new S3Error("NoSuchBucket");
  }
  const trailers = new Map<string, string>();
  const source = counted(exchange, decoded(exchange.body, trailers, authentication));
  const payload = authentication?.payload ?? "";
  return await route.run({ request, store, credentials, payload, body: { source, trailers } });
}

async function applyFault(fault: FaultAction | undefined, closing: AbortSignal): Promise<void> {
  if (fault?.kind === "throttle") throw new S3Error("SlowDown");
  if (fault?.kind === "error") throw new S3Error("InternalError");
  if (fault?.kind === "delay") await delay(fault.ms, undefined, { signal: closing });
}

function decoded(
  body: RequestBody,
  trailers: Map<string, string>,
  authentication: Authentication | undefined,
): AsyncIterable<Buffer> {
  const payload = authentication?.payload ?? "";
  if (authentication === undefined || !payload.startsWith("STREAMING-")) return body;
  const signed = payload.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  return decodeChunks(body, trailers, signed ? new ChunkSignatures(authentication) : undefined);
}

async function* counted(exchange: Exchange, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const data of source) {
    exchange.bytesIn += data.length;
    yield data;
  }
}
