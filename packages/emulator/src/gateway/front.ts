import { randomBytes } from "node:crypto";
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream/promises";
import { serve } from "../http/serve.ts";
import { type EdgeFunction, originRequestHeaders, viewerResponseHeaders } from "./front-headers.ts";

/** CloudFront's own default: the longest silence of an origin, before and between bytes. */
const ORIGIN_READ_TIMEOUT_MS = 30_000;

export interface FrontOptions {
  /** The origin with its path: `http://127.0.0.1:<port>/<stage>`. */
  readonly origin: string;
  /** Absent: a free one. */
  readonly port?: number;
  /** Gives `x-amzn-remapped-www-authenticate` its real name back on every response, errors included. */
  readonly restoreHeaders: boolean;
  /**
   * A viewer-response function. CloudFront does not run one when the origin answers 400 or more, nor
   * does the front.
   * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
   */
  readonly viewerResponse?: EdgeFunction;
  /** An origin-response function (Lambda@Edge), which runs whatever the status. */
  readonly originResponse?: EdgeFunction;
  /** Custom origin headers; `{origin}` in a value stands for the public origin. They win over the viewer's. */
  readonly originHeaders?: Readonly<Record<string, string>>;
  /** Absent: the front's own endpoint. */
  readonly publicOrigin?: string;
  /** The origin request policy AllViewer: the viewer's `Host` goes to the origin. Absent: AllViewerExceptHostHeader. */
  readonly forwardHost?: boolean;
  /** Milliseconds without a byte from the origin until it is given up; absent: 30,000. */
  readonly originReadTimeoutMs?: number;
}

export interface Front {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts a CloudFront-like front that caches nothing and passes every byte as it comes. Throws `PortTakenError`. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const agent = new Agent({ keepAlive: true });
  const distribution = `${randomBytes(16).toString("hex")}.cloudfront.net`;
  const publicOrigin = Promise.withResolvers<string>();
  const listening = await serve(async (message, response) => {
    const passage = { options, agent, distribution, publicOrigin: await publicOrigin.promise };
    await pass(passage, message, response);
  }, options.port);
  publicOrigin.resolve(options.publicOrigin ?? listening.endpoint);
  return {
    endpoint: listening.endpoint,
    async close() {
      await listening.close();
      agent.destroy();
    },
  };
}

interface Passage {
  readonly options: FrontOptions;
  readonly agent: Agent;
  readonly distribution: string;
  readonly publicOrigin: string;
}

async function pass(
  passage: Passage,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = `${randomBytes(41).toString("base64url")}==`;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const outgoing = openOrigin(passage, { message, requestId, gone: gone.signal });
  const answer = await answerOf(outgoing).catch((cause: unknown) => fail(response, cause));
  if (answer === undefined) return;
  const { options, distribution } = passage;
  const status = answer.statusCode ?? 502;
  const headers = viewerResponseHeaders(answer, { options, distribution, requestId, status });
  response.writeHead(status, headers);
  response.flushHeaders();
  // Either side may break off here; the pipeline then ends the other one, which is all there is to do.
  await pipeline(answer, response).catch(() => response.destroy());
}

/** Sends the viewer's request on to the origin. */
function openOrigin(
  { options, agent, distribution, publicOrigin }: Passage,
  viewer: { message: IncomingMessage; requestId: string; gone: AbortSignal },
): ClientRequest {
  const { message, requestId, gone } = viewer;
  const origin = new URL(options.origin);
  const outgoing = openRequest({
    agent,
    host: origin.hostname,
    port: origin.port,
    method: message.method,
    path: `${origin.pathname.replace(/\/$/, "")}${message.url ?? "/"}`,
    headers: originRequestHeaders(message, { options, distribution, publicOrigin, requestId }),
    signal: gone,
  });
  outgoing.setTimeout(options.originReadTimeoutMs ?? ORIGIN_READ_TIMEOUT_MS, () =>
    outgoing.destroy(new OriginTimeoutError("The origin was silent for too long.")),
  );
  message.pipe(outgoing);
  return outgoing;
}

/** The start of the origin's response. */
function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.once("response", resolve);
  // Stays on: what fails once the response has begun ends the response's own stream as well.
  outgoing.on("error", reject);
  return promise;
}

class OriginTimeoutError extends Error {
  override readonly name = "OriginTimeoutError";
  readonly code = "ORIGIN_TIMEOUT";
}

/** The origin failed before it answered, or the viewer left. */
function fail(response: ServerResponse, cause: unknown): undefined {
  if (response.destroyed) return;
  const headers = { "content-type": "text/html", "x-cache": "Error from cloudfront" };
  response
    .writeHead(cause instanceof OriginTimeoutError ? 504 : 502, headers)
    .end("<h1>The request could not be satisfied.</h1>");
}
