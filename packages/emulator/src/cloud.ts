import { mkdirSync } from "node:fs";
import path from "node:path";
import { EmulatorClock } from "./clock.ts";
import { type Cognito, startCognito } from "./cognito/cognito.ts";
import { type DynamoDb, startDynamoDb } from "./dynamodb/dynamo-db.ts";
import type { DynamoDbUsage } from "./dynamodb/proxy.ts";
import { type Ecs, startEcs } from "./ecs/start-ecs.ts";
import { type Events, startEvents } from "./events/start-events.ts";
import { FaultPlan } from "./faults/fault-plan.ts";
import { type Front, type FrontOptions, startFront } from "./gateway/front.ts";
import { type RestApi, startRestApi } from "./gateway/rest-api.ts";
import { PortTakenError } from "./http/serve.ts";
import { LateInvoker } from "./lambda/late-invoker.ts";
import { type Lambda, type LambdaOptions, startLambda } from "./lambda/start-lambda.ts";
import { fillIn, type References } from "./references.ts";
import { type S3, startS3 } from "./s3/s3.ts";
import type { S3Usage } from "./s3/server.ts";
import type { CloudTemplate } from "./template.ts";

/** The services that listen, each on a port of its own. */
export type ServiceName = "front" | "api" | "cognito" | "dynamodb" | "ecs" | "lambda" | "s3";
export type Ports = Readonly<Record<ServiceName, number>>;

export interface CloudOptions {
  /** Folder of all state. One cloud at a time. */
  readonly dir: string;
  readonly template: CloudTemplate;
  /** Ports asked for; one that is taken is replaced by a free one. */
  readonly ports?: Partial<Ports>;
  /** Ports of `ports` that must be had. */
  readonly fixedPorts?: readonly ServiceName[];
  readonly clock?: EmulatorClock;
  readonly faults?: FaultPlan;
  readonly log?: (entry: Record<string, unknown>) => void;
  readonly lambda?: Pick<
    LambdaOptions,
    "rotation" | "freeze" | "idleProcessMs" | "onProcess" | "report"
  >;
  /** From RunTask to the container's start; AWS takes 45 to 90 s. */
  readonly provisionMs?: number;
  /** How the front treats headers; absent: it restores `WWW-Authenticate`. */
  readonly front?: Pick<FrontOptions, "restoreHeaders" | "viewerResponse" | "originResponse">;
  /** A DynamoDB engine that runs already, instead of starting one. */
  readonly dynamodbEndpoint?: string;
  /** Told of each request that costs something on AWS. */
  readonly onDynamoDb?: (usage: DynamoDbUsage) => void;
  readonly onS3?: (usage: S3Usage) => void;
}

export interface Cloud {
  /** What clients use: the front that hides the stage. */
  readonly origin: string;
  /** The REST API itself, with the stage in the path. */
  readonly stageUrl: string;
  readonly issuer: string;
  readonly ports: Ports;
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  readonly lambda: Lambda;
  readonly ecs: Ecs;
  readonly events: Events;
  readonly dynamodb: DynamoDb;
  readonly s3: S3;
  /** Ends every process and gives the ports free; what is stored stays. */
  stop(): Promise<void>;
}

/** Everything of a template on 127.0.0.1. @throws PortTakenError for a fixed port. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const deployment = new Deployment(options);
  try {
    return await deployment.start();
  } catch (cause) {
    await deployment.stop();
    throw cause;
  }
}

interface Closable {
  close(): void | Promise<void>;
}

/** Starts the services in the order of what they need of each other; stops them in the reverse. */
class Deployment {
  readonly #options: CloudOptions;
  readonly #ports: Partial<Ports>;
  readonly #log: (entry: Record<string, unknown>) => void;
  readonly #base: Pick<Cloud, "clock" | "faults"> & Pick<CloudTemplate, "place">;
  readonly #invoker = new LateInvoker();
  readonly #running = new AsyncDisposableStack();

  constructor(options: CloudOptions) {
    this.#options = options;
    this.#ports = options.ports ?? {};
    this.#log = options.log ?? (() => undefined);
    this.#base = {
      place: options.template.place,
      clock: options.clock ?? new EmulatorClock(),
      faults: options.faults ?? new FaultPlan(),
    };
  }

  async start(): Promise<Cloud> {
    const [dynamodb, s3, cognito] = await allOrNone([
      this.#startDynamoDb(),
      this.#startS3(),
      this.#startCognito(),
    ]);
    const { front, api } = await this.#startFronts(cognito.issuer);
    const references = { origin: front.endpoint, issuer: cognito.issuer };
    const endpoints = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
    };
    const { ecs, events } = await this.#startEcs(references, endpoints);
    const everything = { ...endpoints, AWS_ENDPOINT_URL_ECS: ecs.endpoint };
    const lambda = await this.#startLambda(references, everything);
    const listening = { front, api, cognito, dynamodb, ecs, lambda, s3 };
    return {
      ...this.#base,
      origin: front.endpoint,
      stageUrl: api.stageUrl,
      issuer: cognito.issuer,
      ports: portsOf(listening),
      lambda,
      ecs,
      events,
      dynamodb,
      s3,
      stop: () => this.stop(),
    };
  }

  async stop(): Promise<void> {
    await this.#running.disposeAsync();
  }

  /** Starts on the port asked for, or on a free one when it is taken. */
  async #on<T extends Closable>(
    name: ServiceName,
    start: (port: number) => Promise<T>,
  ): Promise<T> {
    const port = this.#ports[name] ?? 0;
    const service = await start(port).catch((cause: unknown) => {
      const { fixedPorts = [] } = this.#options;
      if (cause instanceof PortTakenError && !fixedPorts.includes(name)) return start(0);
      throw cause;
    });
    this.#running.defer(() => service.close());
    return service;
  }

  #folder(name: ServiceName): string {
    const dir = path.join(this.#options.dir, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  }

  #startDynamoDb(): Promise<DynamoDb> {
    const { template, onDynamoDb, dynamodbEndpoint: endpoint } = this.#options;
    const dir = this.#folder("dynamodb");
    const requests = {
      ...(onDynamoDb && { requests: onDynamoDb }),
      ...(endpoint !== undefined && { endpoint }),
    };
    return this.#on("dynamodb", (port) =>
      startDynamoDb({ ...this.#base, ...requests, port, dir, tables: template.tables }),
    );
  }

  #startS3(): Promise<S3> {
    const { template, onS3 } = this.#options;
    const dir = this.#folder("s3");
    const requests = onS3 && { requests: onS3 };
    return this.#on("s3", (port) =>
      startS3({ ...this.#base, ...requests, port, dir, buckets: template.buckets }),
    );
  }

  #startCognito(): Promise<Cognito> {
    const { userPool: pool } = this.#options.template;
    const dir = this.#folder("cognito");
    const invoke = (name: string, event: unknown) => this.#invoker.invokeBuffered(name, event);
    return this.#on("cognito", (port) => startCognito({ ...this.#base, port, dir, pool, invoke }));
  }

  async #startFronts(issuer: string): Promise<{ front: Front; api: RestApi }> {
    const { template } = this.#options;
    let origin = "";
    const api = await this.#on("api", (port) =>
      startRestApi({
        ...this.#base,
        port,
        api: template.api,
        issuer,
        functions: this.#invoker,
        publicOrigin: () => origin,
        log: (entry) => this.#log({ service: "apigateway", ...entry }),
      }),
    );
    const settings = { restoreHeaders: true, ...this.#options.front, origin: api.stageUrl };
    const front = await this.#on("front", (port) => startFront({ ...settings, port }));
    origin = front.endpoint;
    return { front, api };
  }

  async #startEcs(
    references: References,
    baseEnvironment: Readonly<Record<string, string>>,
  ): Promise<{ ecs: Ecs; events: Events }> {
    const { template, provisionMs = 0 } = this.#options;
    const invoke = (name: string, event: unknown) => this.#invoker.invokeAsync(name, event);
    const events = startEvents({ rules: template.rules, clock: this.#base.clock, invoke });
    this.#running.defer(() => events.close());
    const ecs = await this.#on("ecs", (port) =>
      startEcs({
        ...this.#base,
        port,
        dir: this.#folder("ecs"),
        cluster: template.cluster,
        taskDefinitions: template.taskDefinitions.map((task) => fillIn(task, references)),
        baseEnvironment,
        provisionMs,
        publish: (event) => events.publish(event),
        log: (line) => this.#log({ service: "ecs", ...line }),
      }),
    );
    return { ecs, events };
  }

  async #startLambda(
    references: References,
    baseEnvironment: Readonly<Record<string, string>>,
  ): Promise<Lambda> {
    const { template, lambda: settings } = this.#options;
    const lambda = await this.#on("lambda", (port) =>
      startLambda({
        ...this.#base,
        ...settings,
        port,
        dir: this.#folder("lambda"),
        functions: template.functions.map((definition) => fillIn(definition, references)),
        baseEnvironment,
        log: (line) => this.#log({ service: "lambda", ...line }),
      }),
    );
    this.#invoker.ready(lambda);
    return lambda;
  }
}

/** As Promise.all, but a failure waits for the others: what still starts could not be stopped. */
async function allOrNone<T extends readonly unknown[]>(
  starting: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  await Promise.allSettled(starting);
  return Promise.all(starting) as unknown as Promise<T>;
}

function portsOf(services: Readonly<Record<ServiceName, { readonly endpoint: string }>>): Ports {
  const entries = Object.entries(services).map(([name, { endpoint }]) => [
    name,
    Number(new URL(endpoint).port),
  ]);
  return Object.fromEntries(entries) as Ports;
}
