import type { EmulatorClock } from "./clock.ts";
import { Deployment } from "./deployment.ts";
import type { DynamoDb } from "./dynamodb/dynamo-db.ts";
import type { DynamoDbUsage } from "./dynamodb/proxy.ts";
import type { Ecs } from "./ecs/start-ecs.ts";
import type { BatchReport } from "./event-sources/event-source.ts";
import type { Events } from "./events/start-events.ts";
import type { FaultPlan } from "./faults/fault-plan.ts";
import type { FrontOptions } from "./gateway/front.ts";
import type { Lambda, LambdaOptions } from "./lambda/start-lambda.ts";
import type { S3 } from "./s3/s3.ts";
import type { S3Usage } from "./s3/server.ts";
import type { SqsUsage } from "./sqs/sqs-api.ts";
import type { Sqs } from "./sqs/start-sqs.ts";
import type { CloudTemplate } from "./template.ts";

/** The services that listen, each on a port of its own. */
export type ServiceName =
  | "front"
  | "api"
  | "cognito"
  | "dynamodb"
  | "ecs"
  | "lambda"
  | "s3"
  | "sqs";
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
  readonly onSqs?: (usage: SqsUsage) => void;
  /** Told of each batch an event source mapping is through with. */
  readonly onBatch?: (report: BatchReport) => void;
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
  readonly sqs: Sqs;
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
