import type { Grant } from "./grant.ts";
import { attributesOf, type User } from "./user-directory.ts";

export type TriggerSource = "TokenGeneration_HostedAuth" | "TokenGeneration_RefreshTokens";

/** What the trigger may change of one token. */
export interface TokenOverride {
  readonly claimsToAddOrOverride?: Readonly<Record<string, unknown>> | null;
  readonly claimsToSuppress?: readonly string[] | null;
}

export interface TokenOverrides {
  readonly idTokenGeneration?: TokenOverride | null;
  readonly accessTokenGeneration?:
    | (TokenOverride & {
        readonly scopesToAdd?: readonly string[] | null;
        readonly scopesToSuppress?: readonly string[] | null;
      })
    | null;
  readonly groupOverrideDetails?: { readonly groupsToOverride?: readonly string[] | null } | null;
}

/** The trigger failed or answered something else than its event; Cognito then issues no token. */
export class PreTokenGenerationError extends Error {
  override readonly name = "PreTokenGenerationError";
  readonly code = "PRE_TOKEN_GENERATION";
}

export interface PreTokenGenerationTrigger {
  readonly functionName: string;
  readonly region: string;
  readonly userPoolId: string;
  invoke(functionName: string, event: unknown): Promise<unknown>;
}

/**
 * Asks the pre token generation trigger with the V2_0 event.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 */
export async function askPreTokenGeneration(
  trigger: PreTokenGenerationTrigger,
  request: { readonly user: User; readonly grant: Grant; readonly source: TriggerSource },
): Promise<TokenOverrides> {
  const { user, grant, source } = request;
  const event = {
    version: "2",
    triggerSource: source,
    region: trigger.region,
    userPoolId: trigger.userPoolId,
    userName: user.username,
    callerContext: { awsSdkVersion: "aws-sdk-unknown-unknown", clientId: grant.clientId },
    request: {
      userAttributes: { ...attributesOf(user), "cognito:user_status": user.status },
      groupConfiguration: {
        groupsToOverride: user.groups,
        iamRolesToOverride: [],
        preferredRole: null,
      },
      scopes: grant.scopes,
    },
    response: { claimsAndScopeOverrideDetails: null },
  };
  return readOverrides(await invoke(trigger, event));
}

async function invoke(trigger: PreTokenGenerationTrigger, event: unknown): Promise<unknown> {
  try {
    return await trigger.invoke(trigger.functionName, event);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PreTokenGenerationError(`PreTokenGeneration failed with error ${message}.`, {
      cause,
    });
  }
}

function readOverrides(answer: unknown): TokenOverrides {
  const response = isObject(answer) ? answer.response : undefined;
  if (!isObject(response)) {
    throw new PreTokenGenerationError("PreTokenGeneration invocation failed due to a bad answer.");
  }
  const overrides = response.claimsAndScopeOverrideDetails;
  return isObject(overrides) ? overrides : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
