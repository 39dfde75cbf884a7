import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { FaultAction, FaultPlan } from "../faults/fault-plan.ts";
import { BodyTooLargeError, readBody } from "../http/serve.ts";
import { type Fields, toFields } from "./fields.ts";
import { runOperation } from "./operations.ts";
import type { QueueUrls } from "./queue-attributes.ts";
import type { Queues } from "./queues.ts";
import { authenticate, type Credentials } from "./signature.ts";
import { SqsError } from "./sqs-error.ts";

/** One request as it ended; bytes are of the bodies. */
export interface SqsUsage {
  readonly operation: string;
  /** Empty for a request that was refused before it was read. */
  readonly queue: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** What SQS bills: one for every 64 KiB begun (Amazon SQS pricing). */
  readonly billed: number;
  /** 0: the answer was lost. */
  readonly status: number;
}

export interface SqsParts {
  readonly queues: Queues;
  readonly urls: QueueUrls;
  readonly credentials: Credentials;
  readonly faults: FaultPlan;
  readonly requests: ((usage: SqsUsage) => void) | undefined;
  /** Aborted at close: ends what waits. */
  readonly closing: AbortSignal;
}

/** 1 MiB of messages, each character escaped, with their attributes and receipt handles. */
const REQUEST_BYTES = 8 * 1024 * 1024;
const TARGET = /^AmazonSQS\.(\w+)$/;
const BILLED_BYTES = 64 * 1024;

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Exchange {
  readonly operation: string;
  readonly fault: FaultAction | undefined;
  readonly signal: AbortSignal;
  bytesIn: number;
  queue: string;
}

export function usageOf(usage: Omit<SqsUsage, "billed">): SqsUsage {
  const bytes = Math.max(usage.bytesIn, usage.bytesOut, 1);
  return { ...usage, billed: Math.ceil(bytes / BILLED_BYTES) };
}

/** Answers one request of the SQS API in AWS JSON 1.0: fault, signature, operation, in this order. */
export async function serveRequest(
  parts: SqsParts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const operation = TARGET.exec(String(message.headers["x-amz-target"]))?.[1] ?? "";
  const exchange: Exchange = {
    operation,
    fault: parts.faults.draw("sqs", operation),
    signal: AbortSignal.any([parts.closing, gone.signal]),
    bytesIn: 0,
    queue: "",
  };
  let reply: Reply;
  try {
    reply = await answer(parts, message, exchange);
  } catch (cause) {
    // The client left, or the service is closing: there is nobody to answer.
    if (exchange.signal.aborted) return;
    reply = errorReply(cause);
  }
  const lost = exchange.fault?.kind === "lose-answer";
  if (lost) response.destroy();
  else deliver(response, reply);
  const { bytesIn, queue } = exchange;
  const bytesOut = lost ? 0 : Buffer.byteLength(reply.body);
  const status = lost ? 0 : reply.status;
  parts.requests?.(usageOf({ operation, queue, bytesIn, bytesOut, status }));
}

async function answer(
  parts: SqsParts,
  message: IncomingMessage,
  exchange: Exchange,
): Promise<Reply> {
  const { operation, fault, signal } = exchange;
  const body = await readBody(message, REQUEST_BYTES);
  exchange.bytesIn = body.length;
  if (fault?.kind === "throttle") throw new SqsError("RequestThrottled");
  if (fault?.kind === "error") throw new SqsError("InternalError");
  if (fault?.kind === "delay") await sleep(fault.ms, undefined, { signal });
  const senderId = authenticate(message, body, { ...parts, nowMs: Date.now() });
  const input = toFields(JSON.parse(body.toString()));
  exchange.queue = queueNamed(input);
  const duplicate = fault?.kind === "duplicate";
  const output = await runOperation(operation, input, { ...parts, senderId, duplicate, signal });
  return { status: 200, body: JSON.stringify(output) };
}

/** For the account of requests only. */
function queueNamed(input: Fields): string {
  const text = String(input.QueueUrl ?? input.QueueName ?? "");
  return text.slice(text.lastIndexOf("/") + 1);
}

function deliver(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "x-amzn-requestid": randomUUID(),
    ...headers,
  });
  response.end(body);
}

/** The code of the query protocol goes along, as clients of its time know only that one. */
function errorReply(cause: unknown): Reply {
  const error = toSqsError(cause);
  return {
    status: error.status,
    headers: {
      "x-amzn-query-error": `${error.queryCode};${error.byCaller ? "Sender" : "Receiver"}`,
    },
    body: JSON.stringify({ __type: error.type, message: error.message }),
  };
}

function toSqsError(cause: unknown): SqsError {
  if (cause instanceof SqsError) return cause;
  if (cause instanceof SyntaxError) return new SqsError("MalformedInput", cause.message);
  if (cause instanceof BodyTooLargeError) return new SqsError("MalformedInput", cause.message);
  throw cause;
}
