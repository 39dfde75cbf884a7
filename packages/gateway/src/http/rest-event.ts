import type { APIGatewayProxyEvent } from "aws-lambda";

/** Hop-by-hop and length headers describe the gateway's own message, not the request we make of it. */
const DROPPED = new Set(["connection", "content-length", "host", "transfer-encoding"]);

/**
 * An API Gateway REST proxy event (payload 1.0) as a standard Request. `publicUrl` is the origin that
 * clients use: the event only knows the gateway's own host and stage.
 */
export function toRequest(event: APIGatewayProxyEvent, publicUrl: string): Request {
  const hasBody = event.body !== null && event.httpMethod !== "GET" && event.httpMethod !== "HEAD";
  return new Request(toUrl(event, publicUrl), {
    method: event.httpMethod,
    headers: toHeaders(event),
    body: hasBody ? toBody(event) : null,
  });
}

function toUrl(event: APIGatewayProxyEvent, publicUrl: string): URL {
  const url = new URL(publicUrl);
  // Assigned, not resolved: a path like `//other.example/mcp` must not become a host.
  url.pathname = event.path;
  for (const [name, value] of pairs(event.multiValueQueryStringParameters))
    url.searchParams.append(name, value);
  return url;
}

function toHeaders(event: APIGatewayProxyEvent): Headers {
  const headers = new Headers();
  for (const [name, value] of pairs(event.multiValueHeaders)) {
    if (!DROPPED.has(name.toLowerCase())) headers.append(name, value);
  }
  return headers;
}

type MultiValues = APIGatewayProxyEvent["multiValueHeaders"] | null;

function pairs(values: MultiValues): [string, string][] {
  return Object.entries(values ?? {}).flatMap(([name, list]) =>
    (list ?? []).map((value): [string, string] => [name, value]),
  );
}

function toBody(event: APIGatewayProxyEvent): string | Uint8Array<ArrayBuffer> {
  const body = event.body ?? "";
  return event.isBase64Encoded ? Uint8Array.from(Buffer.from(body, "base64")) : body;
}
