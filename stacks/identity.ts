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
  const { callbackUrls, scopes, accessTokenSeconds, refreshTokenSeconds, refreshTokenRotation } =
    shape.cli;
  return pool.addClient("Cli", {
    callbackUrls: [...callbackUrls],
    transform: {
      client: (args, options) => {
        args.generateSecret = false;
        args.allowedOauthFlows = ["code"];
        args.allowedOauthScopes = [...scopes];
        // Left out, Cognito adds ALLOW_REFRESH_TOKEN_AUTH, which a rotating client may not have.
        args.explicitAuthFlows = ["ALLOW_USER_SRP_AUTH"];
        args.refreshTokenRotation = {
          feature: "ENABLED",
          retryGracePeriodSeconds: refreshTokenRotation.graceSeconds,
        };
        args.accessTokenValidity = accessTokenSeconds;
        args.idTokenValidity = accessTokenSeconds;
        args.refreshTokenValidity = refreshTokenSeconds;
        args.tokenValidityUnits = {
          accessToken: "seconds",
          idToken: "seconds",
          refreshToken: "seconds",
        };
        args.enableTokenRevocation = true;
        args.preventUserExistenceErrors = "ENABLED";
        options.dependsOn = [resourceServer];
      },
    },
  });
}

export type UpstreamClient = ReturnType<typeof createUpstreamClient>;

/** What the authorization server signs people in by: the front's address is its callback. */
export function createUpstreamClient({ pool, resourceServer }: Identity, { publicUrl }: Front) {
  const { callbackPaths, scopes, accessTokenSeconds, refreshTokenSeconds } = shape.upstream;
  const client = pool.addClient("Upstream", {
    callbackUrls: callbackPaths.map((path) => $interpolate`${publicUrl}${path}`),
    transform: {
      client: (args, options) => {
        args.generateSecret = true;
        args.allowedOauthFlows = ["code"];
        args.allowedOauthScopes = [...scopes];
        args.explicitAuthFlows = ["ALLOW_REFRESH_TOKEN_AUTH"];
        args.accessTokenValidity = accessTokenSeconds;
        args.idTokenValidity = accessTokenSeconds;
        args.refreshTokenValidity = refreshTokenSeconds;
        args.tokenValidityUnits = {
          accessToken: "seconds",
          idToken: "seconds",
          refreshToken: "seconds",
        };
        args.enableTokenRevocation = true;
        args.preventUserExistenceErrors = "ENABLED";
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
