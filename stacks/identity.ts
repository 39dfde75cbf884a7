import type { Front } from "./front.ts";
import { identity as shape } from "./shape.ts";
import { isProduction } from "./stage.ts";

export type Identity = ReturnType<typeof createIdentity>;

type Client = ReturnType<sst.aws.CognitoUserPool["addClient"]>;

/** Who may come in: the pool, its scopes, the sign-in pages and the command line's client. */
export function createIdentity() {
  const pool = createPool();
  const resourceServer = new aws.cognito.ResourceServer("Scopes", {
    userPoolId: pool.id,
    identifier: shape.resourceServer,
    name: shape.resourceServer,
    scopes: shape.scopes.map(({ name, description }) => ({
      scopeName: name,
      scopeDescription: description,
    })),
  });
  const cli = createCommandLineClient(pool, resourceServer);
  const loginUrl = createSignInPages(pool, cli);
  const issuer = $interpolate`https://${pool.nodes.userPool.endpoint}`;
  return { pool, resourceServer, cli, loginUrl, issuer };
}

/** Closed: users are made by an administrator. No SMS anywhere, it costs and can be intercepted. */
function createPool() {
  return new sst.aws.CognitoUserPool("Users", {
    usernames: ["email"],
    mfa: "optional",
    softwareToken: true,
    transform: {
      userPool: {
        adminCreateUserConfig: { allowAdminCreateUserOnly: true },
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        passwordPolicy: {
          minimumLength: 12,
          requireLowercase: true,
          requireNumbers: true,
          requireSymbols: false,
          requireUppercase: true,
          temporaryPasswordValidityDays: 7,
        },
        userPoolTier: "ESSENTIALS",
        deletionProtection: isProduction() ? "ACTIVE" : "INACTIVE",
      },
    },
  });
}

function createCommandLineClient(
  pool: sst.aws.CognitoUserPool,
  resourceServer: aws.cognito.ResourceServer,
) {
  const { callbackUrls, refreshTokenRotation } = shape.cli;
  return pool.addClient("Cli", {
    callbackUrls: [...callbackUrls],
    transform: {
      client: (args, options) => {
        args.generateSecret = false;
        // Left out, Cognito adds ALLOW_REFRESH_TOKEN_AUTH, which a rotating client may not have.
        args.explicitAuthFlows = ["ALLOW_USER_SRP_AUTH"];
        args.refreshTokenRotation = {
          feature: "ENABLED",
          retryGracePeriodSeconds: refreshTokenRotation.graceSeconds,
        };
        takeCodes(args, shape.cli);
        options.dependsOn = [resourceServer];
      },
    },
  });
}

interface CodeClient {
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
  readonly refreshTokenSeconds: number;
}

/** What every client of ours is: codes alone, tokens that can be revoked, and no word of who has an account. */
function takeCodes(args: aws.cognito.UserPoolClientArgs, client: CodeClient): void {
  args.allowedOauthFlows = ["code"];
  args.allowedOauthScopes = [...client.scopes];
  args.accessTokenValidity = client.accessTokenSeconds;
  args.idTokenValidity = client.accessTokenSeconds;
  args.refreshTokenValidity = client.refreshTokenSeconds;
  const unit = "seconds";
  args.tokenValidityUnits = { accessToken: unit, idToken: unit, refreshToken: unit };
  args.enableTokenRevocation = true;
  args.preventUserExistenceErrors = "ENABLED";
}

export type UpstreamClient = ReturnType<typeof createUpstreamClient>;

/** What the authorization server signs people in by: the front's address is its callback. */
export function createUpstreamClient({ pool, resourceServer }: Identity, { publicUrl }: Front) {
  const { callbackPaths } = shape.upstream;
  const client = pool.addClient("Upstream", {
    callbackUrls: callbackPaths.map((path) => $interpolate`${publicUrl}${path}`),
    transform: {
      client: (args, options) => {
        args.generateSecret = true;
        args.explicitAuthFlows = ["ALLOW_REFRESH_TOKEN_AUTH"];
        takeCodes(args, shape.upstream);
        options.dependsOn = [resourceServer];
      },
    },
  });
  new aws.cognito.ManagedLoginBranding("UpstreamBranding", {
    userPoolId: pool.id,
    clientId: client.id,
    useCognitoProvidedValues: true,
  });
  return client;
}

/** Managed login, and the branding without which it shows an error page. */
function createSignInPages(pool: sst.aws.CognitoUserPool, cli: Client) {
  // The prefix is taken from all of AWS's customers; the pool's id makes it ours.
  const prefix = pool.id.apply((id) =>
    `${$app.name}-${$app.stage}-${id.slice(id.indexOf("_") + 1)}`.toLowerCase(),
  );
  const domain = new aws.cognito.UserPoolDomain("SignIn", {
    userPoolId: pool.id,
    domain: prefix,
    managedLoginVersion: 2,
  });
  new aws.cognito.ManagedLoginBranding("SignInBranding", {
    userPoolId: pool.id,
    clientId: cli.id,
    useCognitoProvidedValues: true,
  });
  const { region } = aws.getRegionOutput();
  return $interpolate`https://${domain.domain}.auth.${region}.amazoncognito.com`;
}
