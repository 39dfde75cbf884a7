import { validateHeaderName, validateHeaderValue } from "node:http";
import { responseHeaderName } from "./header-policy.ts";

/** Status and headers a function chose, already as the gateway sends them. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, readonly string[]])[];
}

/** A function's answer that is not in the proxy form; the client gets 502. */
export class MalformedProxyResponse extends Error {
  override readonly name = "MalformedProxyResponse";
  readonly code = "MALFORMED_PROXY_RESPONSE";
}

/**
 * Reads `{ statusCode, headers, multiValueHeaders, body }` of a buffered function. Without binary
 * media types API Gateway does not decode `isBase64Encoded` bodies.
 * Throws `MalformedProxyResponse`.
 */
export function readProxyResponse(payload: unknown): { head: ResponseHead; body: string } {
  if (!isObject(payload) || payload.statusCode === undefined) throw malformed("statusCode");
  const { body } = payload;
  if (body !== undefined && body !== null && typeof body !== "string") throw malformed("body");
  return { head: readHead(payload), body: body ?? "" };
}

/**
 * Reads the metadata of a streamed response: `{ statusCode, headers, multiValueHeaders, cookies }`.
 * Throws `MalformedProxyResponse`.
 */
export function readMetadata(json: string): ResponseHead {
  try {
    const metadata: unknown = JSON.parse(json);
    if (isObject(metadata)) return readHead(metadata);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw malformed("metadata");
}

function readHead(from: Record<string, unknown>): ResponseHead {
  const status = Number(from.statusCode ?? 200);
  if (!Number.isInteger(status) || status < 200 || status > 599) throw malformed("statusCode");
  const cookies = Array.isArray(from.cookies) ? from.cookies.map(String) : [];
  const headers = new Map<string, { name: string; values: readonly string[] }>([
    ["content-type", { name: "Content-Type", values: ["application/json"] }],
  ]);
  const given = [
    ...entries(from.headers).map(([name, value]) => [name, [value]] as const),
    ...entries(from.multiValueHeaders),
  ];
  for (const [given_name, value] of given) {
    const name = responseHeaderName(given_name);
    if (name !== undefined) headers.set(name.toLowerCase(), { name, values: texts(name, value) });
  }
  if (cookies.length > 0) headers.set("set-cookie", { name: "Set-Cookie", values: cookies });
  return { status, headers: [...headers.values()].map(({ name, values }) => [name, values]) };
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) throw malformed("headers");
  return Object.entries(value);
}

function texts(name: string, value: unknown): readonly string[] {
  const values = Array.isArray(value) ? value.map(String) : undefined;
  if (values === undefined) throw malformed(name);
  try {
    validateHeaderName(name);
    for (const text of values) validateHeaderValue(name, text);
  } catch (cause) {
    throw new MalformedProxyResponse(`Malformed Lambda proxy response: ${name}`, { cause });
  }
  return values;
}

function malformed(part: string): MalformedProxyResponse {
  return new MalformedProxyResponse(`Malformed Lambda proxy response: ${part}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
