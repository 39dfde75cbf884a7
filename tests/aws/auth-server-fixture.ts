import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Client, makeAuthServer } from "@zenode/auth";
import {
  DynamoAwayStore,
  DynamoClientStore,
  DynamoCodeStore,
  DynamoDocumentCache,
  DynamoFamilyStore,
  DynamoRegistrationRate,
} from "@zenode/aws/auth";
import type { Logger } from "@zenode/core";
import type { EmulatorClock } from "@zenode/emulator";
import { NodeDocumentFetcher } from "@zenode/node";
import { type CognitoFixture, cognitoWith, POOL } from "../emulator/cognito-fixture.ts";
import { type AwsFixture, startAws } from "./aws-fixture.ts";

export const RESOURCE = "https://zenode.example/mcp";
export const REDIRECT = "http://127.0.0.1:7777/callback";

/** One on the desk, one on the web; what they call themselves is theirs. */
export const CLIENTS: readonly Client[] = [
  {
    ...{ id: "client_desk", kind: "registered", name: "Desk <b>&</b>", native: true },
    redirectUris: [REDIRECT],
  },
  {
    ...{ id: "client_web", kind: "registered", name: "Web", native: false },
    redirectUris: ["https://app.example/callback?from=zenode"],
  },
];

/** The authorization server before the local cloud's Cognito, in two processes' stead: requests take turns. */
export interface AuthServerFixture extends AsyncDisposable {
  readonly issuer: string;
  readonly aws: AwsFixture;
  readonly cognito: CognitoFixture;
  readonly clock: EmulatorClock;
}

export async function startAuthServer(): Promise<AuthServerFixture> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secret = randomBytes(16).toString("hex");
  const upstream = {
    ...{ clientId: "facade", secret, callbackUrls: [`${issuer}/oauth/callback`] },
    flows: ["code"],
    scopes: ["openid", "email", "zenode/read", "zenode/write"],
  } as const;
  const resourceServers = [{ identifier: "zenode", scopes: ["read", "write", "admin"] }];
  const cognito = await cognitoWith({ pool: { ...POOL, resourceServers, clients: [upstream] } });
  const aws = await startAws();
  const make = () => makeServer({ issuer, secret, cognito, aws, keys: KEYS });
  const processes = [await make(), await make()];
  let turn = 0;
  server.on("request", async (incoming, outgoing) => {
    const handle = processes[turn++ % processes.length];
    const response = await handle?.(await toRequest(issuer, incoming));
    outgoing.writeHead(response?.status ?? 500, [...(response?.headers ?? [])].flat());
    outgoing.end(await response?.text());
  });
  return {
    ...{ issuer, aws, cognito, clock: cognito.clock },
    async [Symbol.asyncDispose]() {
      await close(server);
      await cognito[Symbol.asyncDispose]();
      await aws[Symbol.asyncDispose]();
    },
  };
}

const QUIET: Logger = { info: () => undefined, error: () => undefined };
const KEYS = randomBytes(32).toString("base64url");

interface Parts {
  readonly issuer: string;
  readonly secret: string;
  readonly keys: string;
  readonly cognito: CognitoFixture;
  readonly aws: AwsFixture;
}

async function makeServer({ issuer, secret, keys, cognito, aws }: Parts) {
  const { table } = aws;
  const server = await makeAuthServer({
    ...{ issuer, resource: RESOURCE, scopes: ["zenode/read", "zenode/write"], keys },
    clients: CLIENTS,
    stores: {
      away: new DynamoAwayStore({ table }),
      codes: new DynamoCodeStore({ table }),
      families: new DynamoFamilyStore({ table }),
      clients: new DynamoClientStore({ table }),
      rate: new DynamoRegistrationRate({ table }),
      documents: new DynamoDocumentCache({ table }),
    },
    documents: new NodeDocumentFetcher({ loopback: true }),
    loopback: true,
    clock: { now: () => cognito.clock.now(), sleep: async () => undefined },
    logger: QUIET,
    upstream: { issuer: cognito.cognito.issuer, clientId: "facade", clientSecret: secret },
  });
  return (request: Request) => server.handle(request, "192.0.2.1");
}

async function toRequest(issuer: string, incoming: IncomingMessage): Promise<Request> {
  const { method = "GET", url = "/" } = incoming;
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  const body = method === "GET" ? {} : { body: await text(incoming) };
  return new Request(new URL(url, issuer), {
    method,
    headers: headers as [string, string][],
    ...body,
  });
}

function close(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}
