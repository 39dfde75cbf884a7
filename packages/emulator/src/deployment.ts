import { mkdirSync } from "node:fs";
import path from "node:path";
import { EmulatorClock } from "./clock.ts";
import type { Cloud, CloudOptions, Ports, ServiceName } from "./cloud.ts";
import { type Cognito, startCognito } from "./cognito/cognito.ts";
import { type DynamoDb, startDynamoDb } from "./dynamodb/dynamo-db.ts";
import { type Ecs, startEcs } from "./ecs/start-ecs.ts";
import type { BatchReport } from "./event-sources/event-source.ts";
import { startEventSources } from "./event-sources/start-event-sources.ts";
import { type Events, startEvents } from "./events/start-events.ts";
import { startSchedules } from "./events/start-schedules.ts";
import { FaultPlan } from "./faults/fault-plan.ts";
import { type Front, startFront } from "./gateway/front.ts";
import { type RestApi, startRestApi } from "./gateway/rest-api.ts";
import { PortTakenError } from "./http/serve.ts";
import { LateInvoker } from "./lambda/late-invoker.ts";
import { type Lambda, startLambda } from "./lambda/start-lambda.ts";
import { fillIn, type References } from "./references.ts";
import { type S3, startS3 } from "./s3/s3.ts";
import { type Sqs, startSqs } from "./sqs/start-sqs.ts";
import type { CloudTemplate } from "./template.ts";

interface Closable {
  close(): void | Promise<void>;
}

/** Starts the services in the order of what they need of each other; stops them in the reverse. */
export class Deployment {
  readonly #options: CloudOptions;
  readonly #ports: Partial<Ports>;
  readonly #log: (entry: Record<string, unknown>) => void;
  readonly #base: Pick<Cloud, "clock" | "faults"> & Pick<CloudTemplate, "place">;
  readonly #invoker = new LateInvoker();
  readonly #running = new AsyncDisposableStack();
  /** Of the front, once it listens. */
  #origin = "";

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
    const [dynamodb, s3, sqs, cognito] = await allOrNone([
      this.#startDynamoDb(),
      this.#startS3(),
      this.#startSqs(),
      this.#startCognito(),
    ]);
    const { front, api } = await this.#startFronts(cognito.issuer);
    const queueUrl = (name: string) => sqs.queueUrl(name);
    const references = { origin: front.endpoint, issuer: cognito.issuer, queueUrl };
    const endpoints = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    };
    const { ecs, events } = await this.#startEcs(references, endpoints);
    const everything = { ...endpoints, AWS_ENDPOINT_URL_ECS: ecs.endpoint };
    const lambda = await this.#startLambda(references, everything);
    this.#startEventSources(sqs, lambda);
    this.#startSchedules(events);
    const listening = { front, api, cognito, dynamodb, ecs, lambda, s3, sqs };
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
      sqs,
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

  #startSqs(): Promise<Sqs> {
    const { template, onSqs } = this.#options;
    const dir = this.#folder("sqs");
    const requests = onSqs && { requests: onSqs };
    return this.#on("sqs", (port) =>
      startSqs({ ...this.#base, ...requests, port, dir, queues: template.queues }),
    );
  }

  /** Ended before Lambda, whose end would look like a failure of every batch. */
  #startEventSources(sqs: Sqs, lambda: Lambda): void {
    const { template, onBatch } = this.#options;
    const { eventSources, functions } = template;
    const onEnded = (report: BatchReport) => {
      if (report.failed > 0) this.#log({ service: "lambda", eventSource: report.queue, ...report });
      onBatch?.(report);
    };
    const sources = startEventSources({
      ...this.#base,
      eventSources,
      functions,
      sqs,
      lambda,
      onBatch: onEnded,
    });
    this.#running.defer(() => sources.close());
  }

  #startSchedules(events: Events): void {
    const { schedules } = this.#options.template;
    const stop = startSchedules({ ...this.#base, schedules, events });
    this.#running.defer(stop);
  }

  #startCognito(): Promise<Cognito> {
    const { userPool: pool } = this.#options.template;
    const dir = this.#folder("cognito");
    const invoke = (name: string, event: unknown) => this.#invoker.invokeBuffered(name, event);
    const publicOrigin = () => this.#origin;
    return this.#on("cognito", (port) =>
      startCognito({ ...this.#base, port, dir, pool, invoke, publicOrigin }),
    );
  }

  async #startFronts(issuer: string): Promise<{ front: Front; api: RestApi }> {
    const { template } = this.#options;
    const api = await this.#on("api", (port) =>
      startRestApi({
        ...this.#base,
        port,
        api: template.api,
        issuer,
        functions: this.#invoker,
        publicOrigin: () => this.#origin,
        log: (entry) => this.#log({ service: "apigateway", ...entry }),
      }),
    );
    const settings = { restoreHeaders: true, ...this.#options.front, origin: api.stageUrl };
    const front = await this.#on("front", (port) => startFront({ ...settings, port }));
    this.#origin = front.endpoint;
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
