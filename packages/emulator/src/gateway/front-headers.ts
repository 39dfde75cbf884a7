import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Maps the headers of a response, names in lower case; `set-cookie` is not among them. */
export type EdgeFunction = (
  headers: Record<string, string>,
  status: number,
) => Record<string, string>;

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html */
const OF_THE_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
]);

interface RequestPolicy {
  readonly options: {
    readonly origin: string;
    readonly forwardHost?: boolean;
    readonly originHeaders?: Readonly<Record<string, string>>;
  };
  readonly distribution: string;
  readonly publicOrigin: string;
  readonly requestId: string;
}

/** The viewer's headers as the origin gets them, their spelling kept. */
export function originRequestHeaders(
  message: IncomingMessage,
  { options, distribution, publicOrigin, requestId }: RequestPolicy,
): OutgoingHttpHeaders {
  const viewerIp = message.socket.remoteAddress ?? "127.0.0.1";
  const own: Record<string, string> = {
    "X-Forwarded-For": [message.headers["x-forwarded-for"], viewerIp].filter(Boolean).join(", "),
    Via: [message.headers.via, `${message.httpVersion} ${distribution} (CloudFront)`]
      .filter(Boolean)
      .join(", "),
    "X-Amz-Cf-Id": requestId,
  };
  for (const [name, value] of Object.entries(options.originHeaders ?? {})) {
    own[name] = value.replaceAll("{origin}", publicOrigin);
  }
  if (options.forwardHost !== true) own.Host = new URL(options.origin).host;
  const replaced = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const headers: OutgoingHttpHeaders = {};
  for (const [name, values] of spelled(message)) {
    const lower = name.toLowerCase();
    if (!OF_THE_HOP.has(lower) && !replaced.has(lower))
      headers[name] = values.length === 1 ? values[0] : values;
  }
  return { ...headers, ...own };
}

interface ResponsePolicy {
  readonly options: {
    readonly restoreHeaders: boolean;
    readonly viewerResponse?: EdgeFunction;
    readonly originResponse?: EdgeFunction;
  };
  readonly distribution: string;
  readonly requestId: string;
  readonly status: number;
}

/** The origin's headers as the viewer gets them. */
export function viewerResponseHeaders(
  answer: IncomingMessage,
  { options, distribution, requestId, status }: ResponsePolicy,
): OutgoingHttpHeaders {
  const { "set-cookie": cookies, ...single } = answer.headers;
  let headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(single)) {
    const kept = !OF_THE_HOP.has(name) && name !== "transfer-encoding";
    if (kept && value !== undefined) headers[name] = String(value);
  }
  if (options.originResponse !== undefined) headers = options.originResponse(headers, status);
  if (options.restoreHeaders) headers = restored(headers);
  headers["x-cache"] = `${status < 400 ? "Miss" : "Error"} from cloudfront`;
  headers.via = `${answer.httpVersion} ${distribution} (CloudFront)`;
  headers["x-amz-cf-pop"] = "LOCAL1-P1";
  headers["x-amz-cf-id"] = requestId;
  if (options.viewerResponse !== undefined && status < 400) {
    headers = options.viewerResponse(headers, status);
  }
  return cookies === undefined ? headers : { ...headers, "set-cookie": cookies };
}

function restored(headers: Record<string, string>): Record<string, string> {
  const { "x-amzn-remapped-www-authenticate": remapped, ...rest } = headers;
  return remapped === undefined ? rest : { ...rest, "www-authenticate": remapped };
}

/** Values by name as first spelled. */
function spelled(message: IncomingMessage): ReadonlyMap<string, string[]> {
  const names = new Map<string, string>();
  const values = new Map<string, string[]>();
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index] ?? "";
    const first = names.get(name.toLowerCase()) ?? name;
    names.set(name.toLowerCase(), first);
    values.set(first, [...(values.get(first) ?? []), message.rawHeaders[index + 1] ?? ""]);
  }
  return values;
}
