import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import { FaultPlan } from "../../packages/emulator/src/faults/fault-plan.ts";
import type { AccessLogEntry } from "../../packages/emulator/src/gateway/access-log.ts";
import type {
  Invocation,
  LambdaInvoker,
} from "../../packages/emulator/src/gateway/lambda-invoker.ts";
import {
  type RestApi,
  type RestApiOptions,
  startRestApi,
} from "../../packages/emulator/src/gateway/rest-api.ts";
import { serve } from "../../packages/emulator/src/http/serve.ts";
import type { RestApiTemplate, RouteTemplate } from "../../packages/emulator/src/template.ts";

export const NUL8 = "\0".repeat(8);

/** A streamed invocation whose chunks the test hands over one by one. */
export class ManualStream {
  readonly #queue: (Uint8Array | undefined)[] = [];
  #wake = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<{ error?: { type: string; message: string } }>();
  readonly #read = Promise.withResolvers<void>();
  #failure: Error | undefined;

  readonly invocation: Invocation = {
    kind: "stream",
    contentType: "application/vnd.awslambda.http-integration-response",
    body: this.#body(),
    ended: this.#ended.promise,
  };

  /** Resolves when the gateway has read the stream to its end. */
  get drained(): Promise<void> {
    return this.#read.promise;
  }

  head(metadata: unknown, body = ""): this {
    return this.push(`${JSON.stringify(metadata)}${NUL8}${body}`);
  }

  push(chunk: string | Uint8Array): this {
    return this.#put(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  }

  end(error?: { type: string; message: string }): void {
    this.#put(undefined);
    this.#ended.resolve(error === undefined ? {} : { error });
  }

  /** The body itself breaks, as when the function's process dies. */
  break(failure: Error): void {
    this.#failure = failure;
    this.end({ type: "Runtime.ExitError", message: failure.message });
  }

  #put(chunk: Uint8Array | undefined): this {
    this.#queue.push(chunk);
    this.#wake.resolve();
    return this;
  }

  async *#body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (this.#queue.length > 0) {
        const chunk = this.#queue.shift();
        if (chunk !== undefined) {
          yield chunk;
          continue;
        }
        this.#read.resolve();
        if (this.#failure !== undefined) throw this.#failure;
        return;
      }
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}

/** A stream that is complete from the start. */
export function streamed(metadata: unknown, ...chunks: string[]): Invocation {
  const stream = new ManualStream().head(metadata);
  for (const chunk of chunks) stream.push(chunk);
  stream.end();
  return stream.invocation;
}

export type Answer = (
  functionName: string,
  event: ProxyEvent,
  streaming: boolean,
) => Invocation | Promise<Invocation>;

/** The parts of a proxy event that tests look at. */
export interface ProxyEvent {
  readonly path: string;
  readonly body: string | null;
  readonly headers: Record<string, string>;
  readonly pathParameters: Record<string, string> | null;
  readonly requestContext: { readonly authorizer?: { readonly claims: Record<string, string> } };
}

export const SCOPES = ["mcp/read", "mcp/write"];

export function routeOf(changes: Partial<RouteTemplate> = {}): RouteTemplate {
  return { method: "ANY", path: "/mcp", functionName: "mcp", streaming: true, ...changes };
}

/** A pool as the authorizer knows one: an issuer with a JWKS, and tokens signed for it. */
export interface TokenPool extends AsyncDisposable {
  readonly issuer: string;
  readonly clock: EmulatorClock;
  readonly jwksRequests: () => number;
  /** A good access token with the scopes, with changes; a claim set to undefined is absent. */
  token(changes?: Record<string, unknown>, key?: CryptoKey): Promise<string>;
}

export async function tokenPool(): Promise<TokenPool> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256", use: "sig" };
  let jwksRequests = 0;
  const listening = await serve((_request, response) => {
    jwksRequests += 1;
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ keys: [jwk] }));
  });
  const issuer = `${listening.endpoint}/us-east-1_LOCAL01`;
  const clock = new EmulatorClock();
  return {
    issuer,
    clock,
    jwksRequests: () => jwksRequests,
    token(changes = {}, key = privateKey) {
      const now = Math.floor(clock.now() / 1_000);
      const good = {
        iss: issuer,
        sub: "11111111-1111-4111-8111-111111111111",
        token_use: "access",
        scope: "openid mcp/read",
        client_id: "webapp",
        username: "alice",
        "cognito:groups": ["admins", "tenant-a"],
        auth_time: 1_510_255_123,
        version: 2,
        iat: now,
        exp: now + 3_600,
      };
      const header = { alg: "RS256", kid: "one" };
      return new SignJWT({ ...good, ...changes }).setProtectedHeader(header).sign(key);
    },
    [Symbol.asyncDispose]: () => listening.close(),
  };
}

export interface GatewayFixture extends AsyncDisposable {
  readonly api: RestApi;
  readonly faults: FaultPlan;
  /** What the functions were given. */
  readonly events: ProxyEvent[];
  /** Resolves with the access log entry of the next response that ends. */
  readonly nextEntry: () => Promise<AccessLogEntry>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

type Changes = Partial<RestApiTemplate> &
  Partial<Pick<RestApiOptions, "publicOrigin" | "bandwidth">> & { readonly pool?: TokenPool };

export async function gatewayWith(answer: Answer, changes: Changes = {}): Promise<GatewayFixture> {
  const { pool, publicOrigin, bandwidth, ...template } = changes;
  const events: ProxyEvent[] = [];
  const faults = new FaultPlan();
  const functions: LambdaInvoker = {
    async invoke(functionName, event, { streaming }) {
      events.push(event as ProxyEvent);
      return answer(functionName, event as ProxyEvent, streaming);
    },
  };
  let entry = Promise.withResolvers<AccessLogEntry>();
  const api = await startRestApi({
    api: {
      id: "a1b2c3",
      stage: "dev",
      routes: [routeOf()],
      gatewayResponses: [],
      authorizerTtlSeconds: 300,
      ...template,
    },
    issuer: pool?.issuer ?? "http://127.0.0.1:1/none",
    functions,
    place: { account: "000000000000", region: "us-east-1" },
    clock: pool?.clock ?? new EmulatorClock(),
    faults,
    ...(publicOrigin === undefined ? {} : { publicOrigin }),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    log: (line) => entry.resolve(line),
  });
  return {
    api,
    faults,
    events,
    async nextEntry() {
      const line = await entry.promise;
      entry = Promise.withResolvers();
      return line;
    },
    fetch: (path, init) => fetch(api.endpoint + path, init),
    [Symbol.asyncDispose]: () => api.close(),
  };
}

/** Reads a response's body chunk by chunk as text. */
export function chunksOf(response: Response): () => Promise<string | undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return async () => (await reader?.read())?.value;
}
