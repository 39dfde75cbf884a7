import type { ModernCall } from "./modern-call.ts";

/** The REST proxy event (payload 1.0) of a POST to /mcp, with what functions read of it. */
export function toRestEvent({ headers, body }: ModernCall): Record<string, unknown> {
  return {
    resource: "/mcp",
    path: "/mcp",
    httpMethod: "POST",
    headers,
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value]]),
    ),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: { stage: "local", path: "/local/mcp", httpMethod: "POST" },
    body,
    isBase64Encoded: false,
  };
}
