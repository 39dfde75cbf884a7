import type { Environment } from "@zenode/core";

/** What the clients take from the standard AWS variables. */
export interface AwsSettings {
  readonly region: string;
  /** Other endpoints than AWS's own: the local cloud, VPC endpoints. */
  readonly endpoints: Readonly<Partial<Record<AwsService, string>>>;
  /** Absent: the SDK's default chain finds them (container credentials on Fargate, profiles at a desk). */
  readonly credentials?: StaticCredentials;
  /** Attempts of one request, the first included; absent: 4. */
  readonly maxAttempts?: number;
  /** An answer that says nothing for so long is given up; absent: each service's own. */
  readonly idleTimeoutMs?: number;
}

export type AwsService = "dynamodb" | "s3" | "ecs" | "sqs";

export interface StaticCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Reads `AWS_REGION`, `AWS_ENDPOINT_URL_<SERVICE>` (else `AWS_ENDPOINT_URL`) and the credentials
 * that Lambda sets (AWS SDKs and Tools reference guide, environment variables). Credentials in the
 * environment are static on purpose: Lambda replaces the process before they end.
 * @throws Error that names the variable that is missing.
 */
export function readAwsSettings(env: Environment): AwsSettings {
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (!region) throw new Error("AWS_REGION is not set.");
  const credentials = readCredentials(env);
  return { region, endpoints: readEndpoints(env), ...(credentials && { credentials }) };
}

function readEndpoints(env: Environment): AwsSettings["endpoints"] {
  const endpoints: Partial<Record<AwsService, string>> = {};
  for (const service of ["dynamodb", "s3", "ecs", "sqs"] as const) {
    const url = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL;
    if (url) endpoints[service] = url;
  }
  return endpoints;
}

function readCredentials(env: Environment): StaticCredentials | undefined {
  const accessKeyId = env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY;
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = env.AWS_SESSION_TOKEN;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
