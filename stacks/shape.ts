/**
 * What AWS and the local cloud must agree on: names, keys, routes, limits. Plain constants without
 * imports, so that both the stacks and the local template can read them. Durations say their unit.
 */

/** Names of the environment variables that the code reads; the values come from the stacks. */
export const variables = {
  table: "ZENODE_TABLE",
  bucket: "ZENODE_BUCKET",
  cluster: "ZENODE_CLUSTER",
  /** ARN of one revision, so that a function and its worker are released together. */
  taskDefinition: "ZENODE_TASK_DEFINITION",
  /** Ids, separated by commas. They are public: RunTask must ask for a public address. */
  subnets: "ZENODE_SUBNETS",
  /** Ids, separated by commas. */
  securityGroups: "ZENODE_SECURITY_GROUPS",
  userPoolId: "ZENODE_USER_POOL_ID",
  /** `https://cognito-idp.<region>.amazonaws.com/<pool>`: the `iss` of every token. */
  issuer: "ZENODE_ISSUER",
  /** App clients whose tokens are taken, separated by commas. */
  clientIds: "ZENODE_CLIENT_IDS",
  /** Origin of the resource identifier, without a trailing slash. */
  publicUrl: "ZENODE_PUBLIC_URL",
  stage: "ZENODE_STAGE",
  /** Of the queue whose messages look after jobs. */
  queueUrl: "ZENODE_QUEUE_URL",
  /** Jobs of one tenant that wait or run, at most: 1 to 1,000. */
  jobsPerTenant: "ZENODE_JOBS_PER_TENANT",
  /** GiB that one tenant may store, old snapshots included: 1 to 100,000. */
  storageGib: "ZENODE_STORAGE_GIB",
  /** Projects of one tenant: 1 to 10,000. */
  projectsPerTenant: "ZENODE_PROJECTS_PER_TENANT",
  /** Files of a project: 1 to 200,000. */
  filesPerProject: "ZENODE_FILES_PER_PROJECT",
  /** Snapshots of a project that are there at once: 1 to 100,000. */
  snapshotsPerProject: "ZENODE_SNAPSHOTS_PER_PROJECT",
  /** Snapshots of a project that are kept whatever their age: 1 to 10,000. */
  snapshotsKept: "ZENODE_SNAPSHOTS_KEPT",
  /** Days for which each day's last snapshot is kept beside them: 1 to 3,650. */
  daysKept: "ZENODE_DAYS_KEPT",
  /** Our own app client at the user pool: who signs in through us signs in by it. */
  upstreamClientId: "ZENODE_UPSTREAM_CLIENT_ID",
  /** Secret. Of that client. */
  upstreamClientSecret: "ZENODE_UPSTREAM_CLIENT_SECRET",
  /** Secret. Keys that sign what clients bring back: base64url, newest first, separated by commas. */
  stateKeys: "ZENODE_STATE_KEYS",
} as const;

export type Variable = keyof typeof variables;

export const table = { hashKey: "pk", rangeKey: "sk", ttlAttribute: "expiresAt" } as const;

/**
 * A lifecycle rule matches a key's beginning and knows no wildcard, so what expires cannot lie
 * below `users/<tenant>/`; it has a root of its own.
 */
export const bucket = {
  roots: {
    /** `users/<tenant>/projects/<project>/…` */
    workspaces: "users/",
    /** `temp/<tenant>/…` */
    temporary: "temp/",
  },
  /** Longer than a task and its result can be asked for (a day). */
  expire: [{ prefix: "temp/", days: 2 }],
  /** A signed URL says all of what it allows: whose page uses it does not matter. */
  cors: {
    origins: ["*"],
    methods: ["GET", "PUT"],
    headers: ["*"],
    exposed: ["ETag"],
    maxAgeSeconds: 7200,
  },
} as const;

export interface FunctionShape {
  /** Source file without extension, and the name it exports. */
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: readonly Variable[];
}

/** Of all functions. */
export const runtime = { name: "nodejs24.x", architecture: "arm64" } as const;

const launching = ["cluster", "taskDefinition", "subnets", "securityGroups", "queueUrl"] as const;

/** Whoever changes projects knows what may be stored. */
export const storage = [
  "storageGib",
  "projectsPerTenant",
  "filesPerProject",
  "snapshotsPerProject",
] as const;

/** Unless the deployment says otherwise, by the same variables as the functions read them from. */
export const limits = {
  jobsPerTenant: "100",
  storageGib: "10",
  projectsPerTenant: "100",
  filesPerProject: "200000",
  snapshotsPerProject: "20000",
  snapshotsKept: "100",
  daysKept: "30",
} as const satisfies Partial<Record<Variable, string>>;

/**
 * Messages that look after jobs: a job's watchdog and its next try for a worker. Standard queues; a
 * message is sent anew for each look, so that receives count failures only.
 */
export const wakeups = {
  /** Six times the function's timeout (Lambda developer guide, "Configuring a queue"). */
  visibilityTimeoutSeconds: 180,
  /** Then the message goes to the dead-letter queue: half an hour of failures. */
  maxReceiveCount: 10,
  /** Of both queues: SQS keeps no message for longer. */
  retentionSeconds: 14 * 24 * 3600,
  function: "watch",
  batchSize: 10,
  /** Jobs that fall due at once are looked at together; nobody waits for a look. */
  batchingWindowSeconds: 1,
  /** Functions that look at once: launches are throttled by ECS long before. */
  maximumConcurrency: 5,
} as const;

export const functions = {
  /** Everything behind the authorizer; 15 minutes is Lambda's limit and that of a streamed response. */
  mcp: {
    handler: "packages/gateway/src/entries/mcp.handler",
    memoryMb: 1024,
    timeoutSeconds: 900,
    environment: [
      "table",
      "bucket",
      ...launching,
      "userPoolId",
      "issuer",
      "clientIds",
      "publicUrl",
      "stage",
      "stateKeys",
      "jobsPerTenant",
      ...storage,
    ],
  },
  /** What a client may read before it has a token: `/.well-known/*` and preflights. */
  metadata: {
    handler: "packages/gateway/src/entries/metadata.handler",
    memoryMb: 256,
    timeoutSeconds: 10,
    environment: ["issuer", "publicUrl", "stage"],
  },
  /** Signs people in: the authorization server that clients see, before Cognito. */
  oauth: {
    handler: "packages/gateway/src/entries/oauth.handler",
    memoryMb: 512,
    timeoutSeconds: 29,
    environment: [
      "table",
      "issuer",
      "publicUrl",
      "upstreamClientId",
      "upstreamClientSecret",
      "stateKeys",
      "stage",
    ],
  },
  /** Told of every worker that stopped; gives the jobs it held to another one. */
  reaper: {
    handler: "packages/gateway/src/entries/reaper.handler",
    memoryMb: 256,
    timeoutSeconds: 60,
    environment: ["table", "bucket", ...launching, "stage"],
  },
  /** Looks after jobs: launches what waits, takes back what a silent worker holds. */
  watch: {
    handler: "packages/gateway/src/entries/watch.handler",
    memoryMb: 256,
    timeoutSeconds: 30,
    environment: ["table", "bucket", ...launching, "stage"],
  },
  /** Forgets old snapshots and removes what nobody can reach any more. */
  collect: {
    handler: "packages/gateway/src/entries/collect.handler",
    memoryMb: 512,
    timeoutSeconds: 900,
    environment: ["table", "bucket", "snapshotsKept", "daysKept", "stage"],
  },
} as const satisfies Record<string, FunctionShape>;

export type FunctionName = keyof typeof functions;

export const identity = {
  /** Custom scopes read `<resource server>/<scope>` in tokens and challenges. */
  resourceServer: "zenode",
  scopes: [
    { name: "read", description: "Read workspaces and run tools that change nothing" },
    { name: "write", description: "Change workspaces and run every tool" },
    { name: "admin", description: "Administer the tenant" },
  ],
  /** The command line's public client. Cognito grants a user whatever the client lists: admin is not for all. */
  cli: {
    callbackUrls: ["http://localhost:8976/callback"],
    scopes: ["openid", "email", "zenode/read", "zenode/write"],
    accessTokenSeconds: 3600,
    refreshTokenSeconds: 30 * 24 * 3600,
    /** Refreshes race; the losers get the winner's answer for as long (Cognito allows at most 60). */
    refreshTokenRotation: { graceSeconds: 60 },
  },
  /** Of the authorization server, before Cognito. Its secret stays there; refreshes there do not rotate: ours do. */
  upstream: {
    callbackPaths: ["/oauth/callback"],
    scopes: ["openid", "email", "zenode/read", "zenode/write"],
    accessTokenSeconds: 3600,
    refreshTokenSeconds: 30 * 24 * 3600,
  },
} as const;

/** The authorizer lets a token with any one of these through; the tools ask for more. */
const anyScope = ["zenode/read", "zenode/write", "zenode/admin"] as const;

export interface RouteShape {
  readonly method: "GET" | "POST" | "DELETE" | "OPTIONS" | "ANY";
  readonly path: string;
  readonly function: FunctionName;
  readonly streaming: boolean;
  /** Present: the Cognito authorizer wants an access token with one of them. */
  readonly scopes?: readonly string[];
}

export const routes: readonly RouteShape[] = [
  { method: "POST", path: "/mcp", function: "mcp", streaming: true, scopes: anyScope },
  { method: "GET", path: "/mcp", function: "mcp", streaming: true, scopes: anyScope },
  { method: "DELETE", path: "/mcp", function: "mcp", streaming: true, scopes: anyScope },
  { method: "OPTIONS", path: "/mcp", function: "metadata", streaming: false },
  // The transport of 2024-11-05, for clients that know no other.
  { method: "GET", path: "/sse", function: "mcp", streaming: true, scopes: anyScope },
  { method: "POST", path: "/messages", function: "mcp", streaming: true, scopes: anyScope },
  { method: "OPTIONS", path: "/sse", function: "metadata", streaming: false },
  { method: "OPTIONS", path: "/messages", function: "metadata", streaming: false },
  { method: "ANY", path: "/api/{proxy+}", function: "mcp", streaming: true, scopes: anyScope },
  { method: "GET", path: "/.well-known/{proxy+}", function: "metadata", streaming: false },
  ...["oauth-authorization-server", "openid-configuration"].flatMap((name): RouteShape[] =>
    (["GET", "OPTIONS"] as const).map((method) => ({
      ...{ method, path: `/.well-known/${name}`, function: "oauth", streaming: true },
    })),
  ),
  { method: "ANY", path: "/oauth/{proxy+}", function: "oauth", streaming: true },
];

/** How long the authorizer may reuse its answer for a token. */
export const authorizerTtlSeconds = 300;

export interface GatewayResponseShape {
  readonly responseType: "UNAUTHORIZED" | "ACCESS_DENIED" | "DEFAULT_4XX" | "DEFAULT_5XX";
  /** 0: each error keeps its own. */
  readonly statusCode: number;
  /** `{origin}` stands for the public origin. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const body = '{"message":$context.error.messageString}';
/** Tokens travel in a header, never in a cookie, so any page may ask; it must be able to read the challenge. */
const cors = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "WWW-Authenticate",
};
/** RFC 9728, section 5.1; the path of the document is its section 3.1's for `<origin>/mcp`. */
const metadata = 'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"';
const usualScopes = 'scope="zenode/read zenode/write"';

/** Errors made before a function runs. The two challenges do not take headers over from the defaults. */
export const gatewayResponses: readonly GatewayResponseShape[] = [
  {
    responseType: "UNAUTHORIZED",
    statusCode: 401,
    headers: { ...cors, "WWW-Authenticate": `Bearer ${metadata}, ${usualScopes}` },
    body,
  },
  {
    responseType: "ACCESS_DENIED",
    statusCode: 403,
    headers: {
      ...cors,
      "WWW-Authenticate": `Bearer error="insufficient_scope", ${metadata}, ${usualScopes}`,
    },
    body,
  },
  { responseType: "DEFAULT_4XX", statusCode: 0, headers: cors, body },
  { responseType: "DEFAULT_5XX", statusCode: 0, headers: cors, body },
];

export const worker = {
  /** RunTask's overrides name it. */
  containerName: "worker",
  /** Set by RunTask's overrides: JSON `{ tenant, id }` of the task's first job. */
  jobVariable: "ZENODE_JOB",
  dockerfile: "packages/worker/Dockerfile",
  cpuUnits: 1024,
  memoryMb: 2048,
  storageGb: 30,
  /** All that the worker can write to: checkouts (packages/worker/Dockerfile). */
  workVolume: { name: "work", path: "/work" },
  /** The most Fargate allows, and what Spot gives notice of. */
  stopTimeoutSeconds: 120,
  environment: ["table", "bucket", "subnets", "securityGroups", "queueUrl", "stage", ...storage],
} as const;

/** The event rule's pattern, but for the cluster, which it names too. */
export const stoppedTasks = {
  source: "aws.ecs",
  detailType: "ECS Task State Change",
  lastStatus: "STOPPED",
  function: "reaper",
} as const;

/** Four short runs a day; who was left at the end of one is first to be due at the next. */
export const collection = {
  /** UTC. EventBridge user guide, "cron expressions". */
  schedule: "cron(17 0/6 * * ? *)",
  function: "collect",
} as const;
