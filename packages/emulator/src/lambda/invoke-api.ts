import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { BodyTooLargeError, readBody } from "../http/serve.ts";
import type { Place } from "../template.ts";
import { functionArn } from "./runtime-environment.ts";
import type { Outcome } from "./service-outcome.ts";

/** 6 MB plus 100 KB synchronous, 1 MB asynchronous (Lambda quotas). */
const MAX_SYNC_BYTES = 6_291_556;
const MAX_ASYNC_BYTES = 1024 * 1024;

export interface InvokeApiSource {
  readonly place: Place;
  readonly knows: (functionName: string) => boolean;
  readonly invoke: (
    functionName: string,
    event: unknown,
    options: { streaming: boolean },
  ) => Promise<Outcome>;
  readonly submit: (functionName: string, event: unknown) => Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * The Invoke operation of the Lambda API: `RequestResponse`, `Event` and `DryRun`. Source: AWS Lambda API
 * Reference, "Invoke". Signatures are not checked.
 */
export function invokeApi(source: InvokeApiSource) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = await answer(source, request);
    const requestId = { "x-amzn-requestid": randomUUID() };
    response.writeHead(reply.status, {
      "content-type": "application/json",
      ...requestId,
      ...reply.headers,
    });
    response.end(reply.body === undefined ? "" : JSON.stringify(reply.body));
  };
}

async function answer(source: InvokeApiSource, request: IncomingMessage): Promise<Reply> {
  const path = new URL(request.url ?? "/", "http://lambda").pathname;
  const named = INVOCATIONS.exec(path)?.[1];
  if (request.method !== "POST" || named === undefined)
    return refuse(404, "UnknownOperationException");
  const name = functionName(decodeURIComponent(named));
  if (!source.knows(name)) {
    const message = `Function not found: ${functionArn(source.place, name)}`;
    return refuse(404, "ResourceNotFoundException", { Type: "User", Message: message });
  }
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  const event = await readEvent(request, type === "Event" ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES);
  if (event.kind === "refused") return event.reply;
  if (type === "DryRun") return { status: 204 };
  if (type === "Event") {
    source.submit(name, event.value).catch((cause: unknown) => process.emitWarning(String(cause)));
    return { status: 202 };
  }
  return toReply(await source.invoke(name, event.value, { streaming: false }));
}

/** From a name, `name:qualifier`, a partial or a full ARN. */
function functionName(reference: string): string {
  const parts = reference.split(":");
  const at = parts.indexOf("function");
  return (at < 0 ? parts[0] : parts[at + 1]) ?? "";
}

type ReadEvent =
  | { readonly kind: "event"; readonly value: unknown }
  | { readonly kind: "refused"; readonly reply: Reply };

async function readEvent(request: IncomingMessage, limit: number): Promise<ReadEvent> {
  try {
    const text = (await readBody(request, limit)).toString();
    return { kind: "event", value: text === "" ? {} : JSON.parse(text) };
  } catch (cause) {
    if (cause instanceof BodyTooLargeError) {
      const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
      return { kind: "refused", reply: refuse(413, "RequestTooLargeException", { message }) };
    }
    if (!(cause instanceof SyntaxError)) throw cause;
    const message = `Could not parse request body into json: ${cause.message}`;
    return { kind: "refused", reply: refuse(400, "InvalidRequestContentException", { message }) };
  }
}

function toReply(outcome: Outcome): Reply {
  const headers = { "x-amz-executed-version": "$LATEST" };
  switch (outcome.kind) {
    case "buffered":
      return { status: 200, headers, body: outcome.payload };
    case "function-error":
      return {
        status: 200,
        headers: { ...headers, "x-amz-function-error": "Unhandled" },
        body: { errorType: outcome.errorType, errorMessage: outcome.message },
      };
    case "throttled":
      return refuse(429, "TooManyRequestsException", {
        Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
        Type: "User",
        message: "Rate Exceeded.",
      });
    case "service-error":
      return refuse(500, "ServiceException", { Type: "Service", Message: "Internal error." });
    case "stream":
      throw new Error("A buffered invocation answered with a stream.");
  }
}

function refuse(status: number, type: string, body: Record<string, string> = {}): Reply {
  return { status, headers: { "x-amzn-errortype": type }, body };
}
