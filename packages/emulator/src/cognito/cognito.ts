import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { EmulatorClock } from "../clock.ts";
import type { FaultAction, FaultPlan } from "../faults/fault-plan.ts";
import { readBody, serve } from "../http/serve.ts";
import type { Place, UserPoolTemplate } from "../template.ts";
import { AuthorizationCodes } from "./authorization-codes.ts";
import { BrowserSessionStore } from "./browser-session-store.ts";
import { openDatabase } from "./database.ts";
import { jwksDocument, openidConfiguration } from "./discovery.ts";
import type { PoolRequest } from "./pool-request.ts";
import { RefreshTokenStore } from "./refresh-token-store.ts";
import { oauthError, type Reply, send } from "./reply.ts";
import { authorizeEndpoint, loginEndpoint, logoutEndpoint } from "./sign-in-endpoints.ts";
import { loadSigningKeys } from "./signing-keys.ts";
import { tokenEndpoint } from "./token-endpoint.ts";
import { TokenIssuer } from "./token-issuer.ts";
import { revokeEndpoint, userInfoEndpoint } from "./token-use-endpoints.ts";
import { UserDirectory } from "./user-directory.ts";
import type { UserPool } from "./user-pool.ts";
import { apiError, apiOperation, userPoolApi } from "./user-pool-api.ts";

const BODY_BYTES = 1024 * 1024;

export interface CognitoOptions {
  /** Where keys, users, refresh tokens and browser sessions are kept. */
  readonly dir: string;
  /** Absent: a free one. */
  readonly port?: number;
  readonly pool: UserPoolTemplate;
  readonly place: Place;
  readonly clock: EmulatorClock;
  /** Drawn with the path (`/oauth2/token`) or the API operation (`AdminGetUser`). */
  readonly faults: FaultPlan;
  /** What `{origin}` in a client's callbacks stands for, known once everything listens. */
  readonly publicOrigin?: () => string;
  /** Runs a Lambda function and resolves with its result; needed by `preTokenGeneration`. */
  readonly invoke?: (functionName: string, event: unknown) => Promise<unknown>;
}

export interface Cognito {
  /** `http://127.0.0.1:<port>`: hosted pages, OAuth endpoints and the AWS API. */
  readonly endpoint: string;
  /** `<endpoint>/<pool id>` */
  readonly issuer: string;
  close(): Promise<void>;
}

type Endpoint = (request: PoolRequest) => Reply | Promise<Reply>;
type Routes = ReadonlyMap<string, Endpoint>;

/** Starts a user pool with its hosted sign-in on 127.0.0.1. Throws `PortTakenError`. */
export async function startCognito(options: CognitoOptions): Promise<Cognito> {
  const { dir, faults, port = 0 } = options;
  const database = openDatabase(dir);
  const users = new UserDirectory(database, options.clock);
  await users.seed(options.pool.users);
  const keys = await loadSigningKeys(dir);
  const ready = Promise.withResolvers<UserPool>();
  const listening = await serve(async (message, response) => {
    const pool = await ready.promise;
    await handle({ routes: routesOf(pool, options.clock), pool, faults }, message, response);
  }, port).catch((cause: unknown) => {
    database.close();
    throw cause;
  });
  const { endpoint } = listening;
  const issuer = `${endpoint}/${options.pool.id}`;
  ready.resolve({
    template: options.pool,
    publicOrigin: options.publicOrigin ?? (() => ""),
    place: options.place,
    endpoint,
    issuer,
    keys,
    users,
    codes: new AuthorizationCodes(options.clock),
    refreshTokens: new RefreshTokenStore(database, options.clock),
    browserSessions: new BrowserSessionStore(database, options.clock),
    tokens: new TokenIssuer({ keys, issuer, clock: options.clock, trigger: triggerOf(options) }),
  });
  return {
    endpoint,
    issuer,
    async close() {
      await listening.close();
      database.close();
    },
  };
}

function triggerOf({ pool, place, invoke }: CognitoOptions) {
  if (pool.preTokenGeneration === undefined || invoke === undefined) return undefined;
  return {
    functionName: pool.preTokenGeneration,
    region: place.region,
    userPoolId: pool.id,
    invoke,
  };
}

function routesOf(pool: UserPool, clock: EmulatorClock): Routes {
  const userInfo: Endpoint = (request) => userInfoEndpoint(pool, request, clock);
  const login: Endpoint = (request) => loginEndpoint(pool, request);
  return new Map<string, Endpoint>([
    ["GET /oauth2/authorize", (request) => authorizeEndpoint(pool, request)],
    ["GET /login", login],
    ["POST /login", login],
    ["GET /logout", (request) => logoutEndpoint(pool, request)],
    ["POST /oauth2/token", (request) => tokenEndpoint(pool, request)],
    ["POST /oauth2/revoke", (request) => revokeEndpoint(pool, request)],
    ["GET /oauth2/userInfo", userInfo],
    ["POST /oauth2/userInfo", userInfo],
    [`GET /${pool.template.id}/.well-known/jwks.json`, () => jwksDocument(pool)],
    [`GET /${pool.template.id}/.well-known/openid-configuration`, () => openidConfiguration(pool)],
  ]);
}

interface Handling {
  readonly routes: Routes;
  readonly pool: UserPool;
  readonly faults: FaultPlan;
}

async function handle(
  handling: Handling,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request: PoolRequest = {
    method: message.method ?? "GET",
    url: new URL(message.url ?? "/", handling.pool.endpoint),
    headers: message.headers,
    body: (await readBody(message, BODY_BYTES)).toString("utf8"),
  };
  const operation = apiOperation(request);
  const fault = handling.faults.draw("cognito", operation ?? request.url.pathname);
  if (fault?.kind === "delay") await delay(fault.ms);
  const reply = faulted(fault, operation) ?? (await route(handling, request, operation));
  response.setHeader("x-amz-cognito-request-id", randomUUID());
  if (fault?.kind === "lose-answer") response.destroy();
  else send(response, reply);
}

function faulted(fault: FaultAction | undefined, operation: string | undefined): Reply | undefined {
  if (fault?.kind === "throttle") {
    const message = "Rate exceeded";
    return operation === undefined
      ? oauthError("invalid_request", message, 429)
      : apiError("TooManyRequestsException", message);
  }
  if (fault?.kind === "error") {
    return operation === undefined
      ? oauthError("server_error", undefined, 500)
      : apiError("InternalErrorException", "Something went wrong", 500);
  }
  return undefined;
}

async function route(
  { routes, pool }: Handling,
  request: PoolRequest,
  operation: string | undefined,
): Promise<Reply> {
  if (operation !== undefined) return userPoolApi(pool, operation, request.body);
  const { pathname } = request.url;
  const endpoint = routes.get(`${request.method} ${pathname}`);
  if (endpoint !== undefined) return endpoint(request);
  const other = [...routes.keys()].some((key) => key.split(" ")[1] === pathname);
  return { status: other ? 405 : 404, headers: {}, body: "" };
}
