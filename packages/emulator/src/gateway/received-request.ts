import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A request as it reached the gateway, named and timed. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the stage, without the query, percent-encoded as it came. */
  readonly fullPath: string;
  /** Without the stage; undefined when the path names no stage of this API. */
  readonly path: string | undefined;
  readonly query: URLSearchParams;
  /** Name and value in order, names spelled as the client did. */
  readonly headers: readonly (readonly [string, string])[];
  readonly sourceIp: string;
  readonly requestId: string;
  /** `x-amz-apigw-id` */
  readonly extendedRequestId: string;
  /** `X-Amzn-Trace-Id`, continued from the client's when it sent one. */
  readonly traceId: string;
  /** Milliseconds since the epoch. */
  readonly receivedMs: number;
}

export function receive(
  message: IncomingMessage,
  stage: string,
  receivedMs: number,
): ReceivedRequest {
  const url = message.url ?? "/";
  const mark = url.indexOf("?");
  const fullPath = mark < 0 ? url : url.slice(0, mark);
  const headers = pairs(message.rawHeaders);
  const prefix = `/${stage}`;
  const staged = fullPath === prefix || fullPath.startsWith(`${prefix}/`);
  return {
    method: message.method ?? "GET",
    fullPath,
    path: staged ? fullPath.slice(prefix.length) || "/" : undefined,
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    headers,
    sourceIp: message.socket.remoteAddress ?? "127.0.0.1",
    requestId: randomUUID(),
    extendedRequestId: `${randomBytes(11).toString("base64url")}=`,
    traceId: headerValue(headers, "x-amzn-trace-id") ?? newTraceId(receivedMs),
    receivedMs,
  };
}

/** The last value of a header, by any spelling. */
export function headerValue(headers: ReceivedRequest["headers"], name: string): string | undefined {
  return headers.findLast(([candidate]) => candidate.toLowerCase() === name)?.[1];
}

function pairs(raw: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[index * 2] ?? "",
    raw[index * 2 + 1] ?? "",
  ]);
}

function newTraceId(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000)
    .toString(16)
    .padStart(8, "0");
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")}`;
}
