import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { EmulatorClock } from "../clock.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { serve } from "../http/serve.ts";
import type { Place, RestApiLimits, RestApiTemplate } from "../template.ts";
import type { AccessLog } from "./access-log.ts";
import { toAuthorizerClaims } from "./authorizer-claims.ts";
import { AWS_BANDWIDTH, type BandwidthLimit } from "./bandwidth.ts";
import { runBuffered } from "./buffered-integration.ts";
import { CognitoAuthorizer } from "./cognito-authorizer.ts";
import { Exchange } from "./exchange.ts";
import type { GatewayResponseType } from "./gateway-response.ts";
import type { LambdaInvoker } from "./lambda-invoker.ts";
import { toProxyEvent } from "./proxy-event.ts";
import { headerValue, type ReceivedRequest, receive } from "./received-request.ts";
import { type RequestBody, readRequestBody } from "./request-body.ts";
import { type RouteMatch, RouteTable } from "./route-table.ts";
import { runStreamed } from "./streamed-integration.ts";

const MB = 1024 * 1024;
const MINUTE_MS = 60_000;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const AWS_LIMITS: RestApiLimits = {
  requestBytes: 10 * MB,
  eventBytes: 6 * MB,
  responseMs: 15 * MINUTE_MS,
  idleMs: 5 * MINUTE_MS,
  bufferedMs: 29_000,
};

export interface RestApiOptions {
  readonly api: RestApiTemplate;
  /** The user pool whose tokens the authorizer takes. */
  readonly issuer: string;
  /** Absent: `<issuer>/.well-known/jwks.json`. */
  readonly jwksUrl?: string;
  readonly functions: LambdaInvoker;
  readonly place: Place;
  readonly clock: EmulatorClock;
  /** Drawn with `<METHOD> <path without the stage>`. */
  readonly faults: FaultPlan;
  /** Absent: a free one. */
  readonly port?: number;
  /** `{origin}` of gateway responses, asked for at each; absent: the API's own endpoint with its stage. */
  readonly publicOrigin?: () => string;
  /** Absent: AWS's 10 MB free, then 2 MB/s. */
  readonly bandwidth?: BandwidthLimit;
  /** Called when a response is over. */
  readonly log?: AccessLog;
}

export interface RestApi {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** `<endpoint>/<stage>`, what a front takes for its origin. */
  readonly stageUrl: string;
  /** Breaks open connections; invocations behind them run on. */
  close(): Promise<void>;
}

/** Starts an API Gateway REST API of one stage on 127.0.0.1. Throws `PortTakenError`. */
export async function startRestApi(options: RestApiOptions): Promise<RestApi> {
  const gateway = new Gateway(options);
  const listening = await serve(
    (message, response) => gateway.handle(message, response),
    options.port,
  );
  const stageUrl = `${listening.endpoint}/${options.api.stage}`;
  gateway.stageUrl = stageUrl;
  return { endpoint: listening.endpoint, stageUrl, close: () => listening.close() };
}

type Checked =
  | { readonly kind: "passed"; readonly claims: Record<string, string> | undefined }
  | { readonly kind: "refused"; readonly type: GatewayResponseType; readonly message?: string };

class Gateway {
  stageUrl = "";
  readonly #options: RestApiOptions;
  readonly #limits: RestApiLimits;
  readonly #routes: RouteTable;
  readonly #authorizer: CognitoAuthorizer;

  constructor(options: RestApiOptions) {
    const { api, issuer, jwksUrl = `${issuer}/.well-known/jwks.json`, clock } = options;
    this.#options = options;
    this.#limits = { ...AWS_LIMITS, ...api.limits };
    this.#routes = new RouteTable(api.routes);
    const ttlSeconds = api.authorizerTtlSeconds;
    this.#authorizer = new CognitoAuthorizer({ issuer, jwksUrl, ttlSeconds, clock });
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { api, clock, faults, log, bandwidth = AWS_BANDWIDTH } = this.#options;
    const request = receive(message, api.stage, clock.now());
    const fault = faults.draw("gateway", `${request.method} ${request.path ?? request.fullPath}`);
    const publicOrigin = this.#options.publicOrigin?.() ?? this.stageUrl;
    const { gatewayResponses } = api;
    const parts = { request, response, fault, gatewayResponses, publicOrigin, bandwidth };
    const exchange = new Exchange(parts);
    response.once("close", () => log?.(exchange.logEntry()));
    if (fault?.kind === "delay") await delay(fault.ms);
    const body = await readRequestBody(message, this.#limits.requestBytes);
    if (body.kind === "aborted") return;
    if (fault?.kind === "throttle") await exchange.refuse("THROTTLED");
    else if (fault?.kind === "error") await exchange.refuse("INVOCATION_REFUSED");
    else await this.#route(exchange, body);
  }

  async #route(exchange: Exchange, body: RequestBody): Promise<void> {
    const { request } = exchange;
    if (request.path === undefined) return exchange.refuse("FORBIDDEN");
    const match = this.#routes.match(request.method, request.path);
    if (match === undefined) return exchange.refuse("MISSING_AUTHENTICATION_TOKEN");
    const { path: resourcePath, functionName } = match.route;
    exchange.routed({ resourcePath, functionName });
    if (body.kind !== "read") return exchange.refuse("REQUEST_TOO_LARGE");
    const checked = await this.#check(request, match);
    if (checked.kind === "refused") return exchange.refuse(checked.type, checked.message);
    return this.#integrate(exchange, match, { claims: checked.claims, body: body.bytes });
  }

  async #check(request: ReceivedRequest, { route }: RouteMatch): Promise<Checked> {
    if (route.scopes === undefined) return { kind: "passed", claims: undefined };
    const header = headerValue(request.headers, "authorization");
    const authorization = await this.#authorizer.authorize(header, route.scopes);
    switch (authorization.kind) {
      case "allowed":
        return { kind: "passed", claims: toAuthorizerClaims(authorization.claims) };
      case "unauthorized":
        return { kind: "refused", type: "UNAUTHORIZED", message: authorization.message };
      case "denied":
        return { kind: "refused", type: "ACCESS_DENIED" };
      case "unavailable":
        return { kind: "refused", type: "AUTHORIZER_CONFIGURATION_ERROR" };
    }
  }

  async #integrate(
    exchange: Exchange,
    match: RouteMatch,
    passed: { claims: Record<string, string> | undefined; body: Buffer },
  ): Promise<void> {
    const { api, place, functions } = this.#options;
    const event = toProxyEvent({ api, place, request: exchange.request, match, ...passed });
    if (Buffer.byteLength(JSON.stringify(event)) > this.#limits.eventBytes) {
      return exchange.refuse("REQUEST_TOO_LARGE");
    }
    const { route } = match;
    const integration = { exchange, route, event, functions, limits: this.#limits };
    return route.streaming ? runStreamed(integration) : runBuffered(integration);
  }
}
