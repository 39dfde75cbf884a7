import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readRoutes } from "./rest-api.ts";
import { list, readRoles, roleNamed, type Statement } from "./roles.ts";
import type { SynthGraph } from "./synth/graph.ts";
import { synthesise } from "./synth/synthesise.ts";

const root = path.resolve(import.meta.dirname, "../..");
let graph: SynthGraph;

beforeAll(async () => {
  graph = await synthesise({ stage: "test" });
}, 120_000);

const clientNamed = (name: "Cli" | "Upstream") =>
  graph.get("aws:cognito/userPoolClient:UserPoolClient", `${name}Client`);

const inputsOf = (type: string, name?: string) => graph.get(type, name).inputs;

describe("REST API", () => {
  const scopes = ["zenode/read", "zenode/write", "zenode/admin"];
  const guarded = { authorization: "COGNITO_USER_POOLS", authorizationScopes: scopes };
  const open = { authorization: "NONE" };
  const signIn = { access: open, function: "Oauth", seconds: 29 };
  const routes = {
    "POST /mcp": { access: guarded, function: "Mcp", streams: true },
    "GET /mcp": { access: guarded, function: "Mcp", streams: true },
    "DELETE /mcp": { access: guarded, function: "Mcp", streams: true },
    "OPTIONS /mcp": { access: open, function: "Metadata", streams: false },
    "GET /sse": { access: guarded, function: "Mcp", streams: true },
    "POST /messages": { access: guarded, function: "Mcp", streams: true },
    "OPTIONS /sse": { access: open, function: "Metadata", streams: false },
    "OPTIONS /messages": { access: open, function: "Metadata", streams: false },
    "ANY /api/{proxy+}": { access: guarded, function: "Mcp", streams: true },
    "GET /.well-known/{proxy+}": { access: open, function: "Metadata", streams: false },
    "GET /.well-known/oauth-authorization-server": { ...signIn, streams: true },
    "OPTIONS /.well-known/oauth-authorization-server": { ...signIn, streams: true },
    "GET /.well-known/openid-configuration": { ...signIn, streams: true },
    "OPTIONS /.well-known/openid-configuration": { ...signIn, streams: true },
    "ANY /oauth/{proxy+}": { ...signIn, streams: true },
  };

  test("there are these routes and no others", () => {
    expect(Object.keys(readRoutes(graph)).sort()).toEqual(Object.keys(routes).sort());
  });

  test.each(Object.entries(routes))("%s asks for what it should", (name, { access }) => {
    expect(readRoutes(graph)[name]?.method).toMatchObject(access);
  });

  test.each(Object.entries(routes))("%s goes to its function, in its mode", (name, wanted) => {
    const integration = readRoutes(graph)[name]?.integration;
    const seconds = "seconds" in wanted ? wanted.seconds : wanted.streams ? 900 : 10;
    expect(integration).toMatchObject({
      type: "AWS_PROXY",
      responseTransferMode: wanted.streams ? "STREAM" : "BUFFERED",
      timeoutMilliseconds: seconds * 1_000,
    });
    expect(integration?.uri).toMatch(
      wanted.streams
        ? /path\/2021-11-15\/functions\/.*\/response-streaming-invocations$/
        : /path\/2015-03-31\/functions\/.*\/invocations$/,
    );
    expect(integration?.uri).toContain(`function:zenode-test-${wanted.function}Function-`);
  });

  test("the guarded routes ask the one user pool's authorizer", () => {
    const authorizer = graph.get("aws:apigateway/authorizer:Authorizer");
    const pool = graph.get("aws:cognito/userPool:UserPool");
    expect(authorizer.inputs).toMatchObject({
      type: "COGNITO_USER_POOLS",
      authorizerResultTtlInSeconds: 300,
      providerArns: [`arn:aws:cognito-idp:us-east-1:123456789012:userpool/${pool.id}`],
    });
    const used = Object.values(readRoutes(graph))
      .filter(({ method }) => method.authorization !== "NONE")
      .map(({ method }) => method.authorizerId);
    expect(new Set(used)).toEqual(new Set([authorizer.id]));
  });

  test("it is regional, for a stream may then pause longer", () => {
    expect(inputsOf("aws:apigateway/restApi:RestApi").endpointConfiguration).toEqual({
      types: "REGIONAL",
    });
  });

  test.each([
    ["UNAUTHORIZED", "401", "Bearer "],
    ["ACCESS_DENIED", "403", 'Bearer error="insufficient_scope", '],
  ])("%s challenges with the metadata's place", (responseType, statusCode, start) => {
    const { inputs } = gatewayResponse(responseType);
    expect(inputs.statusCode).toBe(statusCode);
    expect(inputs.responseParameters).toEqual({
      "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
      "gatewayresponse.header.Access-Control-Expose-Headers": "'WWW-Authenticate'",
      "gatewayresponse.header.WWW-Authenticate": `'${start}resource_metadata="${graph.outputs.url}/.well-known/oauth-protected-resource/mcp", scope="zenode/read zenode/write"'`,
    });
  });

  test.each(["DEFAULT_4XX", "DEFAULT_5XX"])("%s can be read by a web page", (responseType) => {
    const { inputs } = gatewayResponse(responseType);
    expect(inputs.responseParameters).toMatchObject({
      "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
    });
    expect(inputs.statusCode).toBeUndefined();
  });

  test("the deployment comes after the gateway responses and follows their content", () => {
    const deployment = graph.get("aws:apigateway/deployment:Deployment");
    const responses = graph.ofType("aws:apigateway/response:Response");
    expect(responses).toHaveLength(4);
    for (const { urn } of responses) expect(deployment.dependsOn).toContain(urn);
    const { gatewayResponses, ...others } = deployment.inputs.triggers as Record<string, string>;
    expect(gatewayResponses).toContain("resource_metadata");
    expect(Object.keys(others).filter((urn) => urn.includes("Integration"))).toHaveLength(15);
  });

  function gatewayResponse(responseType: string) {
    const all = graph.ofType("aws:apigateway/response:Response");
    const found = all.find(({ inputs }) => inputs.responseType === responseType);
    if (found === undefined) throw new Error(`no gateway response ${responseType}`);
    return found;
  }
});

describe("front", () => {
  const behavior = () =>
    inputsOf("aws:cloudfront/distribution:Distribution").defaultCacheBehavior as object;

  test("nothing is cached, errors neither, and every header but Host goes on", () => {
    expect(behavior()).toMatchObject({
      cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      originRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
      viewerProtocolPolicy: "https-only",
    });
    const inputs = inputsOf("aws:cloudfront/distribution:Distribution");
    expect(inputs.orderedCacheBehaviors).toBeUndefined();
    const errors = inputs.customErrorResponses as { errorCachingMinTtl: number }[];
    expect(errors.map(({ errorCachingMinTtl }) => errorCachingMinTtl)).toEqual(Array(11).fill(0));
  });

  test("the stage is in the origin's path, not in the client's", () => {
    const api = graph.get("aws:apigateway/restApi:RestApi");
    expect(inputsOf("aws:cloudfront/distribution:Distribution").origins).toMatchObject([
      {
        domainName: `${api.id}.execute-api.us-east-1.amazonaws.com`,
        originPath: "/test",
        customOriginConfig: { originProtocolPolicy: "https-only" },
      },
    ]);
    expect(inputsOf("aws:apigateway/stage:Stage").stageName).toBe("test");
  });

  test("headers are restored where refusals pass too: at origin response, by a published version", () => {
    expect(behavior()).toMatchObject({
      lambdaFunctionAssociations: [
        {
          eventType: "origin-response",
          lambdaArn: "arn:aws:lambda:us-east-1:123456789012:function:RestoreHeaders:1",
        },
      ],
    });
    const restorer = graph.get("aws:lambda/function:Function", "RestoreHeaders");
    expect(restorer.inputs).toMatchObject({ publish: true, region: "us-east-1" });
    expect(restorer.inputs.environment).toBeUndefined();
    expect(restorer.inputs.architectures).toBeUndefined();
  });
});

describe("functions", () => {
  const environmentOf = (name: string) => {
    const { environment } = inputsOf("aws:lambda/function:Function", name);
    return (environment as { variables: Record<string, string> }).variables;
  };

  test.each([
    ["McpFunction", 1024, 900],
    ["MetadataFunction", 256, 10],
    ["OauthFunction", 512, 29],
    ["ReaperFunction", 256, 60],
    ["WatchFunction", 256, 30],
    ["CollectFunction", 512, 900],
  ])("%s has its size and time", (name, memorySize, timeout) => {
    expect(inputsOf("aws:lambda/function:Function", name)).toMatchObject({
      memorySize,
      timeout,
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      loggingConfig: { logFormat: "JSON" },
    });
  });

  test("their code is the gateway's entries", () => {
    expect(graph.builds.map(({ handler }) => handler).sort()).toEqual([
      "packages/gateway/src/entries/collect.handler",
      "packages/gateway/src/entries/mcp.handler",
      "packages/gateway/src/entries/metadata.handler",
      "packages/gateway/src/entries/oauth.handler",
      "packages/gateway/src/entries/reaper.handler",
      "packages/gateway/src/entries/watch.handler",
    ]);
  });

  test("each knows what it needs and no more", () => {
    const names = (name: string) =>
      Object.keys(environmentOf(name)).filter((key) => key.startsWith("ZENODE_"));
    const launching = ["CLUSTER", "TASK_DEFINITION", "SUBNETS", "SECURITY_GROUPS", "QUEUE_URL"];
    const identity = ["USER_POOL_ID", "ISSUER", "CLIENT_IDS", "PUBLIC_URL"];
    const full = (short: string[]) => short.map((name) => `ZENODE_${name}`).sort();
    expect(names("McpFunction").sort()).toEqual(
      full([
        "TABLE",
        "BUCKET",
        "STAGE",
        "STATE_KEYS",
        "JOBS_PER_TENANT",
        "STORAGE_GIB",
        "PROJECTS_PER_TENANT",
        "FILES_PER_PROJECT",
        "SNAPSHOTS_PER_PROJECT",
        ...launching,
        ...identity,
      ]),
    );
    for (const name of ["ReaperFunction", "WatchFunction"])
      expect(names(name).sort(), name).toEqual(full(["TABLE", "BUCKET", "STAGE", ...launching]));
    expect(names("CollectFunction").sort()).toEqual(
      full(["TABLE", "BUCKET", "STAGE", "SNAPSHOTS_KEPT", "DAYS_KEPT"]),
    );
    expect(names("MetadataFunction").sort()).toEqual(full(["ISSUER", "PUBLIC_URL", "STAGE"]));
    const upstream = ["UPSTREAM_CLIENT_ID", "UPSTREAM_CLIENT_SECRET", "STATE_KEYS"];
    expect(names("OauthFunction").sort()).toEqual(
      full(["TABLE", "ISSUER", "PUBLIC_URL", "STAGE", ...upstream]),
    );
  });

  test("the issuer, the resource's origin and the client are those made here", () => {
    const pool = graph.get("aws:cognito/userPool:UserPool");
    const publicUrl = String(graph.outputs.url);
    expect(environmentOf("McpFunction")).toMatchObject({
      ZENODE_ISSUER: `https://cognito-idp.us-east-1.amazonaws.com/${pool.id}`,
      ZENODE_PUBLIC_URL: publicUrl,
      ZENODE_CLIENT_IDS: `${clientNamed("Cli").id},${clientNamed("Upstream").id}`,
    });
    expect(publicUrl).toMatch(/^https:\/\/[a-z0-9]+\.cloudfront\.net$/);
  });

  test("the keys that sign for clients are made once and kept by the parameter store", () => {
    const parameter = graph.get("aws:ssm/parameter:Parameter");
    expect(parameter.inputs).toMatchObject({ type: "SecureString" });
    expect(environmentOf("McpFunction").ZENODE_STATE_KEYS).toMatch(/^[A-Za-z0-9]{64}$/);
  });

  test("no environment holds a linked value, nor a secret but the state keys and our client's", () => {
    const known = ["SST_KEY", "SST_KEY_FILE", "SST_RESOURCE_App"];
    for (const name of [
      "McpFunction",
      "MetadataFunction",
      "OauthFunction",
      "ReaperFunction",
      "WatchFunction",
      "CollectFunction",
    ]) {
      const others = Object.keys(environmentOf(name)).filter((key) => !key.startsWith("ZENODE_"));
      expect(others.sort(), name).toEqual(known);
    }
  });
});

describe("table and bucket", () => {
  test("the table has two keys, a time to live, no index, and can be turned back", () => {
    expect(inputsOf("aws:dynamodb/table:Table")).toMatchObject({
      hashKey: "pk",
      rangeKey: "sk",
      attributes: [
        { name: "pk", type: "S" },
        { name: "sk", type: "S" },
      ],
      ttl: { attributeName: "expiresAt", enabled: true },
      globalSecondaryIndexes: [],
      localSecondaryIndexes: [],
      billingMode: "PAY_PER_REQUEST",
      pointInTimeRecovery: { enabled: true },
    });
  });

  test("only temporary objects expire, and uploads that never ended", () => {
    const { rules } = inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    expect(rules).toEqual([
      expect.objectContaining({
        status: "Enabled",
        filter: { prefix: "temp/" },
        expiration: { days: 2 },
      }),
      {
        id: "AbandonedUploads",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ]);
  });

  test("pages of any origin may use a signed URL of the bucket, to bring and to fetch", () => {
    const { corsRules } = inputsOf("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration");
    expect(corsRules).toEqual([
      {
        allowedHeaders: ["*"],
        allowedMethods: ["GET", "PUT"],
        allowedOrigins: ["*"],
        exposeHeaders: ["ETag"],
        maxAgeSeconds: 7200,
      },
    ]);
  });

  test("the bucket is closed to the public and to plain HTTP", () => {
    expect(inputsOf("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const policy = JSON.parse(String(inputsOf("aws:s3/bucketPolicy:BucketPolicy").policy));
    expect(policy.Statement).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Principal: "*",
        Condition: { Bool: { "aws:SecureTransport": ["false"] } },
      }),
    ]);
  });
});

describe("identity", () => {
  test("nobody signs up alone, and no SMS is sent", () => {
    const pool = inputsOf("aws:cognito/userPool:UserPool");
    expect(pool).toMatchObject({
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
      userPoolTier: "ESSENTIALS",
      mfaConfiguration: "OPTIONAL",
    });
    expect(pool.smsConfiguration).toBeUndefined();
  });

  test("the scopes are read, write and admin of zenode", () => {
    expect(inputsOf("aws:cognito/resourceServer:ResourceServer")).toMatchObject({
      identifier: "zenode",
      scopes: [{ scopeName: "read" }, { scopeName: "write" }, { scopeName: "admin" }],
    });
  });

  test("the command line's client is public, takes codes at one address and rotates its tokens", () => {
    const client = clientNamed("Cli");
    expect(client.inputs).toMatchObject({
      generateSecret: false,
      allowedOauthFlows: ["code"],
      callbackUrls: ["http://localhost:8976/callback"],
      allowedOauthScopes: ["openid", "email", "zenode/read", "zenode/write"],
      refreshTokenRotation: { feature: "ENABLED", retryGracePeriodSeconds: 60 },
      enableTokenRevocation: true,
      preventUserExistenceErrors: "ENABLED",
    });
    expect(client.inputs.explicitAuthFlows).not.toContain("ALLOW_REFRESH_TOKEN_AUTH");
    expect(client.dependsOn).toContain(graph.get("aws:cognito/resourceServer:ResourceServer").urn);
  });

  test("the authorization server's client has a secret, and one callback: ours", () => {
    expect(clientNamed("Upstream").inputs).toMatchObject({
      generateSecret: true,
      allowedOauthFlows: ["code"],
      callbackUrls: [`${graph.outputs.url}/oauth/callback`],
      allowedOauthScopes: ["openid", "email", "zenode/read", "zenode/write"],
      enableTokenRevocation: true,
    });
    const { inputs } = graph.get(
      "aws:cognito/managedLoginBranding:ManagedLoginBranding",
      "UpstreamBranding",
    );
    expect(inputs.clientId).toBe(clientNamed("Upstream").id);
  });

  test("no client may use the implicit flow", () => {
    for (const { inputs } of graph.ofType("aws:cognito/userPoolClient:UserPoolClient"))
      expect(inputs.allowedOauthFlows).not.toContain("implicit");
  });
});

describe("worker", () => {
  interface Container {
    readonly name: string;
    readonly environment: readonly { readonly name: string }[];
    readonly linuxParameters: { readonly capabilities: { readonly drop: readonly string[] } };
  }

  const containers = () =>
    JSON.parse(
      String(inputsOf("aws:ecs/taskDefinition:TaskDefinition").containerDefinitions),
    ) as Container[];

  test("the task is one arm64 container of 1 vCPU, 2 GB and 30 GB", () => {
    expect(inputsOf("aws:ecs/taskDefinition:TaskDefinition")).toMatchObject({
      cpu: "1024",
      memory: "2048",
      ephemeralStorage: { sizeInGib: 30 },
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    });
    expect(containers()).toMatchObject([{ name: "worker", stopTimeout: 120, secrets: [] }]);
  });

  test("the container listens nowhere, and of Docker's capabilities keeps those that commands as another user need", () => {
    const [container] = containers();
    expect(container).not.toHaveProperty("portMappings");
    // CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID and SETUID are kept (docs/design/sandbox.md).
    expect(container?.linuxParameters.capabilities.drop).toEqual([
      ...["AUDIT_WRITE", "FSETID", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETPCAP"],
      "SYS_CHROOT",
    ]);
  });

  test("the container writes to its work alone", async () => {
    expect(inputsOf("aws:ecs/taskDefinition:TaskDefinition").volumes).toEqual([{ name: "work" }]);
    expect(containers()[0]).toMatchObject({
      readonlyRootFilesystem: true,
      mountPoints: [{ sourceVolume: "work", containerPath: "/work", readOnly: false }],
    });
    const dockerfile = await readFile(path.join(root, "packages/worker/Dockerfile"), "utf8");
    expect(dockerfile).toContain("ZENODE_WORK_DIR=/work");
  });

  test("the container's environment holds names only", () => {
    expect(containers()[0]?.environment.map(({ name }) => name)).toEqual([
      "ZENODE_TABLE",
      "ZENODE_BUCKET",
      "ZENODE_SUBNETS",
      "ZENODE_SECURITY_GROUPS",
      "ZENODE_QUEUE_URL",
      "ZENODE_STAGE",
      "ZENODE_STORAGE_GIB",
      "ZENODE_PROJECTS_PER_TENANT",
      "ZENODE_FILES_PER_PROJECT",
      "ZENODE_SNAPSHOTS_PER_PROJECT",
      "SST_RESOURCE_App",
    ]);
  });

  test("the image is built for arm64 from the worker's Dockerfile", () => {
    expect(inputsOf("docker-build:index:Image")).toMatchObject({
      platforms: ["linux/arm64"],
      dockerfile: { location: expect.stringMatching(/\/packages\/worker\/Dockerfile$/) },
    });
  });

  test("the image gets the ripgrep that is tested here, for its processor", async () => {
    const dockerfile = await readFile(path.join(root, "packages/worker/Dockerfile"), "utf8");
    const manifest = await readFile(path.join(root, "packages/node/package.json"), "utf8");
    const version = JSON.parse(manifest).dependencies["@vscode/ripgrep"];
    expect(dockerfile).toContain(`--cpu=arm64`);
    expect(dockerfile).toContain(` @vscode/ripgrep@${version}\n`);
  });

  test("only the bundle is sent to the builder, and SST adds nothing to the list", async () => {
    const file = path.join(root, "packages/worker/Dockerfile.dockerignore");
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(lines.filter((line) => !line.startsWith("#"))).toEqual(["*", "!dist/worker", ".sst"]);
  });

  test("the cluster offers Spot and on demand", () => {
    expect(inputsOf("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")).toMatchObject({
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
    });
  });

  test("nothing can reach a worker, and nothing costs money while none runs", () => {
    const { ingress, egress } = inputsOf("aws:ec2/securityGroup:SecurityGroup");
    expect(ingress).toEqual([]);
    expect((egress as { toPort: number }[]).map(({ toPort }) => toPort)).toEqual([443, 80]);
    expect(graph.ofType("aws:ec2/natGateway:NatGateway")).toEqual([]);
    const endpoints = graph.ofType("aws:ec2/vpcEndpoint:VpcEndpoint");
    expect(endpoints.map(({ inputs }) => inputs.vpcEndpointType)).toEqual(["Gateway", "Gateway"]);
  });
});

describe("reaper", () => {
  test("it hears of this cluster's stopped tasks", () => {
    const cluster = graph.get("aws:ecs/cluster:Cluster").id;
    const rule = graph.get("aws:cloudwatch/eventRule:EventRule", "StoppedTasks");
    expect(JSON.parse(String(rule.inputs.eventPattern))).toEqual({
      source: ["aws.ecs"],
      "detail-type": ["ECS Task State Change"],
      detail: { clusterArn: [cluster], lastStatus: ["STOPPED"] },
    });
    expect(inputsOf("aws:cloudwatch/eventTarget:EventTarget", "StoppedTasksTarget")).toMatchObject({
      rule: rule.id,
      arn: expect.stringContaining(":function:zenode-test-ReaperFunction-"),
    });
    expect(inputsOf("aws:lambda/permission:Permission", "StoppedTasksPermission")).toMatchObject({
      principal: "events.amazonaws.com",
      sourceArn: expect.stringMatching(/:rule\/StoppedTasks$/),
    });
  });
});

describe("collection", () => {
  test("a schedule starts the collector, and nobody else may", () => {
    const rule = graph.get("aws:cloudwatch/eventRule:EventRule", "Collection");
    expect(rule.inputs.scheduleExpression).toBe("cron(17 0/6 * * ? *)");
    expect(inputsOf("aws:cloudwatch/eventTarget:EventTarget", "CollectionTarget")).toMatchObject({
      rule: rule.id,
      arn: expect.stringContaining(":function:zenode-test-CollectFunction-"),
    });
    expect(inputsOf("aws:lambda/permission:Permission", "CollectionPermission")).toMatchObject({
      principal: "events.amazonaws.com",
      sourceArn: expect.stringMatching(/:rule\/Collection$/),
    });
  });
});

describe("wakeups", () => {
  test("messages that fail ten times are kept apart for as long as SQS keeps any", () => {
    const failed = graph.get("aws:sqs/queue:Queue", "WakeupsFailed");
    const { inputs } = graph.get("aws:sqs/queue:Queue", "Wakeups");
    expect(JSON.parse(String(inputs.redrivePolicy))).toEqual({
      deadLetterTargetArn: "arn:aws:sqs:us-east-1:123456789012:WakeupsFailed",
      maxReceiveCount: 10,
    });
    for (const queue of [failed.inputs, inputs])
      expect(queue).toMatchObject({
        messageRetentionSeconds: 1_209_600,
        sqsManagedSseEnabled: true,
      });
    expect(inputs.visibilityTimeoutSeconds).toBe(180);
  });

  test("Lambda brings them to the function, a few at once, and takes back what failed only", () => {
    expect(inputsOf("aws:lambda/eventSourceMapping:EventSourceMapping")).toMatchObject({
      batchSize: 10,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: 5 },
    });
  });
});

describe("roles", () => {
  const items = [
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:Query",
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
  ];
  const objects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];
  const launching = [
    "ecs:RunTask",
    "ecs:DescribeTasks",
    "ecs:StopTask",
    "ecs:TagResource",
    "iam:PassRole",
  ];
  const receiving = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  const logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
  const actionsOf = (role: string) =>
    roleNamed(readRoles(graph), role).statements.flatMap(({ Action }) => list(Action));
  const statementsWith = (action: string): readonly Statement[] =>
    readRoles(graph)
      .flatMap(({ statements }) => statements)
      .filter(({ Action }) => list(Action).includes(action));

  test.each([
    ["McpRole", [...items, ...objects, ...launching, "sqs:SendMessage", ...logs]],
    ["ReaperRole", [...items, "s3:GetObject", ...launching, "sqs:SendMessage", ...logs]],
    [
      "WatchRole",
      [...items, "s3:GetObject", ...launching, "sqs:SendMessage", ...receiving, ...logs],
    ],
    [
      "CollectRole",
      [
        ...["dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"],
        ...["s3:ListBucket", "s3:DeleteObject"],
        ...logs,
      ],
    ],
    ["MetadataRole", logs],
    ["WorkerTaskRole", [...items, ...objects, "sqs:SendMessage", ...launching]],
    ["OauthRole", ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", ...logs]],
    ["WorkerExecutionRole", []],
    ["RestoreHeadersRole", []],
  ])("%s may do this and nothing else", (role, actions) => {
    expect(actionsOf(role)).toEqual(actions);
  });

  test("no statement allows an action by wildcard, or on everything", () => {
    for (const { name, statements } of readRoles(graph))
      for (const { Action, Resource } of statements) {
        expect(list(Action).join(), name).not.toContain("*");
        for (const resource of list(Resource)) expect(resource, name).toMatch(/^arn:aws:\w+:.+/);
      }
  });

  test("AWS's own policies are attached only where no narrower one can be written", () => {
    const attached = readRoles(graph).flatMap(({ name, managedPolicies }) =>
      managedPolicies.map((arn) => `${name} ${arn.split("/").at(-1)}`),
    );
    expect(attached.sort()).toEqual([
      "APIGatewayPushToCloudWatchLogsRole AmazonAPIGatewayPushToCloudWatchLogs",
      "WorkerExecutionRole AmazonECSTaskExecutionRolePolicy",
    ]);
    expect(graph.ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")).toEqual([]);
  });

  test("roles trust services only, never an account", () => {
    const trusted = Object.fromEntries(readRoles(graph).map(({ name, trusts }) => [name, trusts]));
    expect(trusted).toEqual({
      APIGatewayPushToCloudWatchLogsRole: ["Service apigateway.amazonaws.com"],
      CollectRole: ["Service lambda.amazonaws.com"],
      McpRole: ["Service lambda.amazonaws.com"],
      MetadataRole: ["Service lambda.amazonaws.com"],
      OauthRole: ["Service lambda.amazonaws.com"],
      ReaperRole: ["Service lambda.amazonaws.com"],
      WatchRole: ["Service lambda.amazonaws.com"],
      RestoreHeadersRole: ["Service lambda.amazonaws.com", "Service edgelambda.amazonaws.com"],
      WorkerExecutionRole: ["Service ecs-tasks.amazonaws.com"],
      WorkerTaskRole: ["Service ecs-tasks.amazonaws.com"],
    });
  });

  test("items are read and written in the one table, objects below its two roots", () => {
    const table = String(inputsOf("aws:dynamodb/table:Table").name);
    for (const { Resource } of statementsWith("dynamodb:PutItem"))
      expect(Resource).toEqual([`arn:aws:dynamodb:us-east-1:123456789012:table/${table}`]);
    // Who signs people in has nothing of a tenant's.
    const { statements } = roleNamed(readRoles(graph), "OauthRole");
    const own = statements.find(({ Action }) => list(Action).includes("dynamodb:PutItem"));
    expect(own?.Condition).toEqual({
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["O#*"] },
    });
    const bucket = String(inputsOf("aws:s3/bucket:Bucket").bucket);
    for (const { Resource } of statementsWith("s3:PutObject"))
      expect(Resource).toEqual([`arn:aws:s3:::${bucket}/users/*`, `arn:aws:s3:::${bucket}/temp/*`]);
  });

  test("only the collector lists the bucket, and only what may be collected", () => {
    const bucket = String(inputsOf("aws:s3/bucket:Bucket").bucket);
    expect(statementsWith("s3:ListBucket")).toMatchObject([
      {
        Resource: [`arn:aws:s3:::${bucket}`],
        Condition: { StringLike: { "s3:prefix": ["users/*"] } },
      },
    ]);
    const { statements } = roleNamed(readRoles(graph), "CollectRole");
    const removal = statements.find(({ Action }) => list(Action).includes("s3:DeleteObject"));
    expect(removal?.Resource).toEqual([`arn:aws:s3:::${bucket}/users/*`]);
  });

  test("tasks are run of one family, in one cluster", () => {
    const cluster = graph.get("aws:ecs/cluster:Cluster");
    const family = `task-definition/${cluster.inputs.name}-Worker`;
    const run = statementsWith("ecs:RunTask");
    const watch = statementsWith("ecs:StopTask");
    // mcp, reaper, watch, and the worker for its job's children.
    expect(run).toHaveLength(4);
    expect(watch).toHaveLength(4);
    for (const { Resource } of run)
      expect(Resource).toEqual([`arn:aws:ecs:us-east-1:123456789012:${family}:*`]);
    for (const { Resource } of watch)
      expect(Resource).toEqual([
        `arn:aws:ecs:us-east-1:123456789012:task/${cluster.inputs.name}/*`,
      ]);
    for (const { Condition } of [...run, ...watch])
      expect(Condition).toEqual({ ArnEquals: { "ecs:cluster": [cluster.id] } });
  });

  test("messages are sent to and received from the one queue", () => {
    for (const action of ["sqs:SendMessage", "sqs:ReceiveMessage"])
      for (const { Resource } of statementsWith(action))
        expect(Resource).toEqual(["arn:aws:sqs:us-east-1:123456789012:Wakeups"]);
  });

  test("only the task's two roles are passed on, and only to tasks", () => {
    const statements = statementsWith("iam:PassRole");
    expect(statements).toHaveLength(4);
    for (const { Resource, Condition } of statements) {
      expect(list(Resource)).toEqual([
        expect.stringMatching(/:role\/zenode-test-WorkerTaskRole-/),
        expect.stringMatching(/:role\/zenode-test-WorkerExecutionRole-/),
      ]);
      expect(Condition).toEqual({
        StringEquals: { "iam:PassedToService": ["ecs-tasks.amazonaws.com"] },
      });
    }
  });
});
