import { needVariable as need, readStorageLimits, wholeNumber } from "@zenode/core";
import type { RetentionPolicy, StorageLimits } from "@zenode/core/storage";

/** What recovering a job takes: its item, its log, a new worker, a message for later. */
export interface ReaperConfig {
  readonly table: string;
  readonly bucket: string;
  readonly region: string;
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Of the queue whose messages look after jobs. */
  readonly queueUrl: string;
}

/** What collecting takes: where things lie, and which snapshots stay. */
export interface CollectConfig extends Pick<ReaperConfig, "table" | "bucket"> {
  readonly retention: RetentionPolicy;
}

/** What signing people in takes. */
export interface OAuthConfig extends Pick<GatewayConfig, "table" | "issuer" | "publicUrl"> {
  readonly upstreamClientId: string;
  /** Secret. */
  readonly upstreamClientSecret: string;
  /** Secret, see `GatewayConfig`. */
  readonly stateKeys: string;
  /** The user pool is the stand-in on this machine. */
  readonly loopback: boolean;
}

export interface GatewayConfig extends ReaperConfig {
  /** Issuer of access tokens: the user pool. */
  readonly issuer: string;
  readonly clientIds: readonly string[];
  /** Origin that clients use; the MCP endpoint, and resource identifier, is `<publicUrl>/mcp`. */
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  /** Milliseconds between two reads of an event log; absent: the usual pace. For tests of slow stores. */
  readonly logPollMs?: number;
  /** Milliseconds a call that may move to a worker runs here before it does; absent: 20 s. */
  readonly hereMs?: number;
  /** Jobs of one tenant that wait or run, at most. */
  readonly jobsPerTenant: number;
  /** What one tenant may store. */
  readonly storage: StorageLimits;
  /** Keys that sign what clients bring back, base64url, newest first, separated by commas. */
  readonly stateKeys: string;
}

/** Reads the environment, once. @throws Error that names the variable that is missing. */
export function readReaperConfig(env: NodeJS.ProcessEnv): ReaperConfig {
  return {
    table: need(env, "ZENODE_TABLE"),
    bucket: need(env, "ZENODE_BUCKET"),
    region: need(env, "AWS_REGION"),
    cluster: need(env, "ZENODE_CLUSTER"),
    taskDefinition: need(env, "ZENODE_TASK_DEFINITION"),
    subnets: list(env, "ZENODE_SUBNETS"),
    securityGroups: list(env, "ZENODE_SECURITY_GROUPS"),
    queueUrl: need(env, "ZENODE_QUEUE_URL"),
  };
}

export function readConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  return {
    ...readReaperConfig(env),
    issuer: need(env, "ZENODE_ISSUER"),
    clientIds: list(env, "ZENODE_CLIENT_IDS"),
    publicUrl: need(env, "ZENODE_PUBLIC_URL"),
    allowedOrigins: list(env, "ZENODE_ALLOWED_ORIGINS"),
    ...optionalMs(env, "logPollMs", "ZENODE_LOG_POLL_MS"),
    ...optionalMs(env, "hereMs", "ZENODE_HERE_MS"),
    jobsPerTenant: wholeNumber(env, "ZENODE_JOBS_PER_TENANT", 1_000),
    storage: readStorageLimits(env),
    stateKeys: need(env, "ZENODE_STATE_KEYS"),
  };
}

export function readOAuthConfig(env: NodeJS.ProcessEnv): OAuthConfig {
  const issuer = need(env, "ZENODE_ISSUER");
  return {
    table: need(env, "ZENODE_TABLE"),
    issuer,
    publicUrl: need(env, "ZENODE_PUBLIC_URL"),
    upstreamClientId: need(env, "ZENODE_UPSTREAM_CLIENT_ID"),
    upstreamClientSecret: need(env, "ZENODE_UPSTREAM_CLIENT_SECRET"),
    stateKeys: need(env, "ZENODE_STATE_KEYS"),
    loopback: issuer.startsWith("http://127.0.0.1:"),
  };
}

export function readCollectConfig(env: NodeJS.ProcessEnv): CollectConfig {
  return {
    table: need(env, "ZENODE_TABLE"),
    bucket: need(env, "ZENODE_BUCKET"),
    retention: {
      snapshotsKept: wholeNumber(env, "ZENODE_SNAPSHOTS_KEPT", 10_000),
      daysKept: wholeNumber(env, "ZENODE_DAYS_KEPT", 3_650),
    },
  };
}

/** @throws Error for a value that is no whole number of milliseconds. */
function optionalMs<Setting extends "logPollMs" | "hereMs">(
  env: NodeJS.ProcessEnv,
  setting: Setting,
  name: string,
): { readonly [one in Setting]?: number } {
  const value = env[name];
  if (value === undefined || value === "") return {};
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new Error(`${name} is ${value}: no milliseconds.`);
  return { [setting]: Number(value) } as { readonly [one in Setting]: number };
}

function list(env: NodeJS.ProcessEnv, name: string): string[] {
  return (env[name] ?? "").split(",").filter((item) => item !== "");
}

export function mcpUrl(config: Pick<GatewayConfig, "publicUrl">): string {
  return `${config.publicUrl}/mcp`;
}

/** RFC 9728 section 3.1: the path form for a resource with a path. */
export function resourceMetadataUrl(config: Pick<GatewayConfig, "publicUrl">): string {
  return `${config.publicUrl}/.well-known/oauth-protected-resource/mcp`;
}
