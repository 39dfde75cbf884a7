/**
 * What is to be deployed into the local cloud, in AWS's own words. The emulator knows no more of its
 * users than this: names, handlers, routes. Every duration says its unit.
 */

/** The one account and region of a local cloud. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

export interface TableTemplate {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey?: string;
  /** Attribute (epoch seconds) after which DynamoDB may delete an item, late. */
  readonly ttlAttribute?: string;
  readonly indexes?: readonly {
    readonly name: string;
    readonly hashKey: string;
    readonly rangeKey?: string;
  }[];
}

export interface BucketTemplate {
  readonly name: string;
  /** Objects under `prefix` vanish `days` after they were written (S3 lifecycle expiration). */
  readonly expire?: readonly { readonly prefix: string; readonly days: number }[];
  /** Who reads it may not list it: a key that is not there is answered with 403 as S3 does then, not with 404. */
  readonly hidesMissing?: boolean;
  /** Rules of its CORS configuration; absent: as it was. */
  readonly cors?: readonly {
    readonly origins: readonly string[];
    readonly methods: readonly string[];
    readonly headers: readonly string[];
    readonly exposed: readonly string[];
    readonly maxAgeSeconds?: number;
  }[];
}

export interface UserTemplate {
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly groups?: readonly string[];
  /** Custom attributes as Cognito names them, e.g. `custom:tenant`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ClientTemplate {
  readonly clientId: string;
  /** Present: a confidential client. */
  readonly secret?: string;
  /** Exact; `{origin}` stands for the origin of the front. */
  readonly callbackUrls: readonly string[];
  readonly flows: readonly ("code" | "client_credentials")[];
  /** Everything the client may ask for: `openid`, `email`, `<resource server>/<scope>`. */
  readonly scopes: readonly string[];
  readonly accessTokenSeconds?: number;
  readonly refreshTokenSeconds?: number;
  /** Refresh-token rotation: each refresh returns a new token, the old one lives on for the grace. */
  readonly refreshTokenRotation?: { readonly graceSeconds: number };
}

export interface UserPoolTemplate {
  readonly id: string;
  readonly resourceServers: readonly {
    readonly identifier: string;
    readonly scopes: readonly string[];
  }[];
  readonly clients: readonly ClientTemplate[];
  readonly users: readonly UserTemplate[];
  /** Name of the function that may add claims to the access token (pre token generation, V2_0 event). */
  readonly preTokenGeneration?: string;
}

export interface FunctionTemplate {
  readonly name: string;
  /** Folder that holds the bundle; the handler is `<file>.<export>` in it. */
  readonly codeDir: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Concurrent invocations at most; above it the caller is throttled (429). */
  readonly concurrency?: number;
  /** Processes that are kept initialized, used or not; one that is gone is replaced. */
  readonly provisionedConcurrency?: number;
}

export interface TaskDefinitionTemplate {
  readonly family: string;
  readonly containerName: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** CPU units (1024 = 1 vCPU) and MiB, as strings, as ECS writes them. */
  readonly cpu: string;
  readonly memory: string;
  /** GiB; absent: 20, as Fargate gives. It is told, not enforced. */
  readonly ephemeralStorageGb?: number;
  /** Between SIGTERM and SIGKILL, at most 120. */
  readonly stopTimeoutSeconds: number;
}

export interface RouteTemplate {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "ANY";
  /** REST resource path: `/mcp`, `/api/{proxy+}`. */
  readonly path: string;
  readonly functionName: string;
  readonly streaming: boolean;
  /** Present: the Cognito authorizer checks an access token that carries one of these scopes. */
  readonly scopes?: readonly string[];
}

export interface GatewayResponseTemplate {
  readonly responseType:
    | "UNAUTHORIZED"
    | "ACCESS_DENIED"
    | "DEFAULT_4XX"
    | "DEFAULT_5XX"
    | "REQUEST_TOO_LARGE"
    | "THROTTLED";
  readonly statusCode: number;
  /** Static header values; `{origin}` stands for the public origin of the front. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body template; `$context.error.messageString` is the only variable replaced. */
  readonly body?: string;
}

export interface RestApiTemplate {
  readonly id: string;
  readonly stage: string;
  readonly routes: readonly RouteTemplate[];
  readonly gatewayResponses: readonly GatewayResponseTemplate[];
  /** How long the authorizer may reuse its answer for a token (0 to 3600). */
  readonly authorizerTtlSeconds: number;
  /** Response limits of AWS; tests scale them down. */
  readonly limits?: Partial<RestApiLimits>;
}

export interface RestApiLimits {
  /** 10 MB: larger request bodies get 413 before any Lambda sees them. */
  readonly requestBytes: number;
  /** 6 MB: the largest event a Lambda takes. */
  readonly eventBytes: number;
  /** 15 minutes: a streamed response is cut after it. */
  readonly responseMs: number;
  /** 5 minutes (regional): a streamed response without a byte is cut after it. */
  readonly idleMs: number;
  /** 29 s: the limit for routes that do not stream. */
  readonly bufferedMs: number;
}

export interface RuleTemplate {
  readonly name: string;
  readonly source: string;
  readonly detailType: string;
  /** Top-level fields of `detail` and the values that match; absent: every event. */
  readonly detail?: Readonly<Record<string, readonly string[]>>;
  readonly functionName: string;
}

/** An EventBridge rule with a schedule. */
export interface ScheduleTemplate {
  readonly name: string;
  /** `cron(<minute> <hour>/<step> * * ? *)`, UTC: every `step` hours of the day from `hour` on. */
  readonly expression: string;
  readonly functionName: string;
}

/** A standard queue; what is left out has SQS's default. */
export interface QueueTemplate {
  readonly name: string;
  /** How long a received message stays hidden; default 30, at most 12 hours. */
  readonly visibilityTimeoutSeconds?: number;
  /** From the first sending; default 4 days, 60 s to 14 days. */
  readonly retentionSeconds?: number;
  /** Of messages that state none; default 0, at most 900. */
  readonly delaySeconds?: number;
  /** Long polling of receives that state none; default 0, at most 20. */
  readonly receiveWaitSeconds?: number;
  /** Body and attributes; default and at most 1 MiB. */
  readonly maximumMessageBytes?: number;
  /** After `maxReceiveCount` (1 to 1000) receives a message goes to another queue of the template. */
  readonly redrive?: { readonly deadLetterQueue: string; readonly maxReceiveCount: number };
}

/** An event source mapping: Lambda receives from the queue and invokes the function with batches. */
export interface EventSourceTemplate {
  readonly queue: string;
  readonly functionName: string;
  /** Default 10; above 10 a batching window is needed; at most 10,000. */
  readonly batchSize?: number;
  /** How long a batch may wait to be filled; default 0, at most 300. */
  readonly batchingWindowSeconds?: number;
  /** Batches under way at once, 2 to 1000; absent: 5, where Lambda begins before it scales. */
  readonly maximumConcurrency?: number;
  /** The function's answer names the messages that failed; absent: a batch fails or succeeds whole. */
  readonly reportBatchItemFailures?: boolean;
}

export interface CloudTemplate {
  readonly place: Place;
  readonly tables: readonly TableTemplate[];
  readonly buckets: readonly BucketTemplate[];
  readonly userPool: UserPoolTemplate;
  readonly functions: readonly FunctionTemplate[];
  readonly taskDefinitions: readonly TaskDefinitionTemplate[];
  readonly cluster: string;
  readonly api: RestApiTemplate;
  readonly rules: readonly RuleTemplate[];
  readonly schedules: readonly ScheduleTemplate[];
  readonly queues: readonly QueueTemplate[];
  readonly eventSources: readonly EventSourceTemplate[];
}
