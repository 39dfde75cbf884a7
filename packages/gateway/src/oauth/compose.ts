import { makeAuthServer } from "@zenode/auth";
import { createAwsClients, DynamoTable, readAwsSettings } from "@zenode/aws";
import {
  DynamoAwayStore,
  DynamoClientStore,
  DynamoCodeStore,
  DynamoDocumentCache,
  DynamoFamilyStore,
  DynamoRegistrationRate,
} from "@zenode/aws/auth";
import { SCOPES, toOAuthScope } from "@zenode/core";
import { jsonLogger, NodeDocumentFetcher, systemClock } from "@zenode/node";
import { mcpUrl, type OAuthConfig } from "../config.ts";
import type { App } from "../http/app.ts";
import { problem } from "../http/problem.ts";

/** What users may give to a client. Cognito gives whatever its app client may have: admin is not for all. */
const OFFERED = SCOPES.filter((scope) => scope !== "admin").map(toOAuthScope);

/** Everything the oauth Lambda is made of. */
export function composeOAuth(config: OAuthConfig, env: NodeJS.ProcessEnv = process.env): App {
  const clock = systemClock;
  const clients = createAwsClients(readAwsSettings(env));
  const table = new DynamoTable({ clients, name: config.table, clock });
  const { loopback } = config;
  const server = makeAuthServer({
    ...{ issuer: config.publicUrl, resource: mcpUrl(config), scopes: OFFERED },
    ...{ keys: config.stateKeys, clients: [], loopback, clock, logger: jsonLogger },
    stores: {
      away: new DynamoAwayStore({ table }),
      codes: new DynamoCodeStore({ table }),
      families: new DynamoFamilyStore({ table }),
      clients: new DynamoClientStore({ table }),
      rate: new DynamoRegistrationRate({ table }),
      documents: new DynamoDocumentCache({ table }),
    },
    documents: new NodeDocumentFetcher({ loopback }),
    upstream: {
      issuer: config.issuer,
      clientId: config.upstreamClientId,
      clientSecret: config.upstreamClientSecret,
    },
  });
  return async (request) => {
    try {
      return await (await server).handle(request, addressOf(request));
    } catch (cause) {
      const { pathname } = new URL(request.url);
      jsonLogger.error("request failed", cause, { method: request.method, path: pathname });
      return problem(500, "internal_error", "Something went wrong here. Try again.");
    }
  };
}

/**
 * Where a request comes from. CloudFront and the gateway each add whom they were asked by to what they were given, so the last
 * but one is CloudFront's. Who goes past CloudFront can put anything there, and has the limit of all instead.
 */
function addressOf(request: Request): string {
  const named = (request.headers.get("x-forwarded-for") ?? "").split(",").map((one) => one.trim());
  return named.at(-2) ?? named.at(-1) ?? "";
}
