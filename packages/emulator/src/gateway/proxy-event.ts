import { createHash } from "node:crypto";
import type { Place, RestApiTemplate } from "../template.ts";
import { passesToFunction } from "./header-policy.ts";
import { headerValue, type ReceivedRequest } from "./received-request.ts";
import type { RouteMatch } from "./route-table.ts";

interface ProxyEventParts {
  readonly api: RestApiTemplate;
  readonly place: Place;
  readonly request: ReceivedRequest;
  readonly match: RouteMatch;
  /** The token's claims as strings, when an authorizer let the request in. */
  readonly claims: Readonly<Record<string, string>> | undefined;
  readonly body: Buffer;
}

/**
 * The REST proxy event (payload format 1.0). Without binary media types a body is always text.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function toProxyEvent(parts: ProxyEventParts): Record<string, unknown> {
  const { request, match, body } = parts;
  const headers = multiValue(eventHeaders(request), (name) => name.toLowerCase());
  const query = multiValue([...request.query], (name) => name);
  return {
    resource: match.route.path,
    path: request.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: lastOf(query),
    multiValueQueryStringParameters: query,
    pathParameters: match.pathParameters,
    stageVariables: null,
    requestContext: requestContext(parts),
    body: body.length === 0 ? null : body.toString("utf8"),
    isBase64Encoded: false,
  };
}

function requestContext({ api, place, request, match, claims }: ProxyEventParts) {
  const { route } = match;
  return {
    resourceId: shortId(route.path),
    ...(claims === undefined ? {} : { authorizer: { claims } }),
    resourcePath: route.path,
    httpMethod: request.method,
    extendedRequestId: request.extendedRequestId,
    requestTime: commonLogTime(new Date(request.receivedMs)),
    path: request.fullPath,
    accountId: place.account,
    protocol: "HTTP/1.1",
    stage: api.stage,
    domainPrefix: api.id,
    requestTimeEpoch: request.receivedMs,
    requestId: request.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: headerValue(request.headers, "user-agent") ?? null,
      user: null,
    },
    // The name the client called; on AWS `<api>.execute-api.<region>.amazonaws.com` or a custom one.
    domainName: headerValue(request.headers, "host") ?? "",
    deploymentId: shortId(api.id),
    apiId: api.id,
  };
}

function eventHeaders(request: ReceivedRequest): (readonly [string, string])[] {
  const passed = request.headers.filter(
    ([name]) => passesToFunction(name) && !ADDED.has(name.toLowerCase()),
  );
  const forwarded = headerValue(request.headers, "x-forwarded-for");
  return [
    ...passed,
    ["X-Amzn-Trace-Id", request.traceId],
    [
      "X-Forwarded-For",
      forwarded === undefined ? request.sourceIp : `${forwarded}, ${request.sourceIp}`,
    ],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
  ];
}

const ADDED = new Set([
  "x-amzn-trace-id",
  "x-forwarded-for",
  "x-forwarded-port",
  "x-forwarded-proto",
]);

/** Values by name under its first spelling; null when there are none. */
function multiValue(
  pairs: readonly (readonly [string, string])[],
  keyOf: (name: string) => string,
): Record<string, string[]> | null {
  const values = new Map<string, { name: string; list: string[] }>();
  for (const [name, value] of pairs) {
    const entry = values.get(keyOf(name)) ?? { name, list: [] };
    entry.list.push(value);
    values.set(keyOf(name), entry);
  }
  if (values.size === 0) return null;
  return Object.fromEntries([...values.values()].map(({ name, list }) => [name, list]));
}

function lastOf(multi: Record<string, string[]> | null): Record<string, string> | null {
  if (multi === null) return null;
  return Object.fromEntries(Object.entries(multi).map(([name, list]) => [name, list.at(-1) ?? ""]));
}

/** API Gateway's ids are short and opaque; ours stay the same for the same name. */
function shortId(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 6);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `09/Apr/2015:12:34:56 +0000` */
function commonLogTime(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, "0");
  const time = date.toISOString().slice(11, 19);
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`;
}
