import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import type { FunctionTemplate, Place } from "../template.ts";

/** How an environment came to be: for an invocation, or ahead of any. */
export type InitializationType = "on-demand" | "provisioned-concurrency";

/** Flags of the managed Node.js runtime's own start script; memory in MiB. */
export function nodeArguments(memoryMb: number): string[] {
  const newSpace = Math.floor(memoryMb / 10);
  return [
    "--expose-gc",
    "--max-http-header-size=81920",
    `--max-semi-space-size=${Math.max(1, Math.floor(newSpace / 2))}`,
    `--max-old-space-size=${memoryMb - newSpace}`,
  ];
}

export interface RuntimeEnvironmentSource {
  readonly template: FunctionTemplate;
  readonly place: Place;
  readonly initializationType: InitializationType;
  readonly now: number;
  /** `host:port` of the Runtime API. */
  readonly runtimeApi: string;
  readonly runtimeDir: string;
  readonly baseEnvironment: Readonly<Record<string, string>>;
}

/**
 * Everything a function process finds in its environment; nothing of the emulator's own leaks in.
 * Source: AWS Lambda Developer Guide, "Defined runtime environment variables". As on AWS the reserved
 * names win over those of the template.
 */
export function runtimeEnvironment(source: RuntimeEnvironmentSource): Record<string, string> {
  const { template, place } = source;
  const stream = randomBytes(16).toString("hex");
  const day = new Date(source.now).toISOString().slice(0, 10).replaceAll("-", "/");
  return {
    LANG: "en_US.UTF-8",
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    TZ: ":UTC",
    ...source.baseEnvironment,
    ...template.environment,
    _HANDLER: template.handler,
    AWS_ACCESS_KEY_ID: "LOCALKEY",
    AWS_SECRET_ACCESS_KEY: "LOCALSECRET",
    AWS_SESSION_TOKEN: "LOCALTOKEN",
    AWS_DEFAULT_REGION: place.region,
    AWS_REGION: place.region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: template.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(template.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: source.initializationType,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${template.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${stream}`,
    AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true",
    AWS_LAMBDA_RUNTIME_API: source.runtimeApi,
    LAMBDA_RUNTIME_DIR: source.runtimeDir,
    LAMBDA_TASK_ROOT: template.codeDir,
  };
}

export function functionArn(place: Place, name: string): string {
  return `arn:aws:lambda:${place.region}:${place.account}:function:${name}`;
}
