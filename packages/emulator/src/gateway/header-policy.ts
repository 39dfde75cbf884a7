/**
 * What API Gateway does to headers of Lambda proxy integrations.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */

/** Sent back under `x-amzn-Remapped-<name>` when a function sets them. */
const REMAPPED = new Set([
  "authorization",
  "connection",
  "content-length",
  "content-md5",
  "date",
  "expect",
  "host",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "trailer",
  "upgrade",
  "user-agent",
  "via",
  "www-authenticate",
  "x-amzn-requestid",
]);

/** Of one hop only, or made by the gateway itself: a function's own are dropped. */
const DROPPED_FROM_RESPONSE = new Set([
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "x-amz-apigw-id",
  "x-amzn-trace-id",
]);

/** Of the client's hop only: the event does not show them. */
const DROPPED_FROM_REQUEST = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The name a function's response header reaches the client by; undefined when it does not. */
export function responseHeaderName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (DROPPED_FROM_RESPONSE.has(lower)) return undefined;
  return REMAPPED.has(lower) ? `x-amzn-Remapped-${name}` : name;
}

export function passesToFunction(name: string): boolean {
  return !DROPPED_FROM_REQUEST.has(name.toLowerCase());
}
