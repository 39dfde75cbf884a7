import type { Outcome, Quotas } from "./simulation.ts";

export interface Limit {
  readonly id: string;
  readonly service: string;
  readonly name: string;
  /** Of a usual account in us-east-1; a new one may have less. */
  readonly value: number;
  readonly unit: string;
  /** Whose it is: everybody's together, or one tenant's alone. */
  readonly scope: "deployment" | "tenant";
  readonly raised: "on request" | "never" | "by itself" | "by a change of ours";
  /** What a call meets there. */
  readonly meets: string;
  readonly source: string;
  /** The most that a simulated time asked for, where nothing was limited; of the busiest tenant where it is a tenant's. */
  readonly demand: (outcome: Outcome) => number;
  /** A tenant's limit: the same if all of the deployment were one tenant. */
  readonly demandOfOne?: (outcome: Outcome) => number;
}

const AWS = "https://docs.aws.amazon.com";
const THROTTLING = `${AWS}/AmazonECS/latest/developerguide/throttling.html`;
const ECS_QUOTAS = `${AWS}/general/latest/gr/ecs-service.html`;
const LAMBDA_QUOTAS = `${AWS}/lambda/latest/dg/gettingstarted-limits.html`;
const LAMBDA_SCALING = `${AWS}/lambda/latest/dg/scaling-behavior.html`;
const DYNAMO_QUOTAS = `${AWS}/amazondynamodb/latest/developerguide/ServiceQuotas.html`;
const DYNAMO_ON_DEMAND = `${AWS}/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html`;
const DYNAMO_PARTITIONS = `${AWS}/amazondynamodb/latest/developerguide/bp-partition-key-design.html`;
const S3_RATES = `${AWS}/AmazonS3/latest/userguide/optimizing-performance.html`;
const API_QUOTAS = `${AWS}/apigateway/latest/developerguide/limits.html`;
const FRONT_QUOTAS = `${AWS}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html`;

/** Two subnets of a /20, less the five addresses that AWS keeps in each (stacks/network.ts). */
const ADDRESSES = 2 * (2 ** 12 - 5);

/** Every limit that this design can meet, as of 2026-11-22. docs/operate/scale.md says more of each. */
export const LIMITS: readonly Limit[] = [
  {
    id: "fargate-vcpu-spot",
    service: "Fargate",
    name: "Spot vCPUs at a time",
    value: 6,
    unit: "vCPU",
    scope: "deployment",
    raised: "on request",
    meets: "the worker starts on demand; when that is full too, the job waits",
    source: `${ECS_QUOTAS} (6 in the table of defaults; what an account has is in its Service Quotas)`,
    demand: ({ fleet }) => fleet.launches.vcpus.spot.max,
  },
  {
    id: "fargate-vcpu",
    service: "Fargate",
    name: "on-demand vCPUs at a time, should Spot have no place at all",
    value: 6,
    unit: "vCPU",
    scope: "deployment",
    raised: "on request",
    meets: "the job waits in the queue and is tried again",
    source: ECS_QUOTAS,
    demand: ({ fleet }) => fleet.launches.vcpus.spot.max + fleet.launches.vcpus.onDemand.max,
  },
  {
    id: "fargate-launches",
    service: "Fargate",
    name: "tasks started a second (100 at once), Spot and on demand each",
    value: 20,
    unit: "/s",
    scope: "deployment",
    raised: "on request",
    meets: "the job waits in the queue and is tried again",
    source: THROTTLING,
    demand: ({ peaks }) => peaks.of("launches"),
  },
  {
    id: "lambda-concurrency",
    service: "Lambda",
    name: "invocations at a time, held streams among them",
    value: 1000,
    unit: "",
    scope: "deployment",
    raised: "on request",
    meets: "429 for whoever comes next, quick calls too",
    source: LAMBDA_QUOTAS,
    demand: ({ peaks }) => peaks.of("lambdas"),
  },
  {
    id: "lambda-rate",
    service: "Lambda",
    name: "requests a second, ten for each of the invocations at a time",
    value: 10_000,
    unit: "/s",
    scope: "deployment",
    raised: "on request",
    meets: "429",
    source: LAMBDA_SCALING,
    demand: ({ peaks }) => peaks.of("calls"),
  },
  {
    id: "api-rate",
    service: "API Gateway",
    name: "requests a second (2,500 in some regions)",
    value: 10_000,
    unit: "/s",
    scope: "deployment",
    raised: "on request",
    meets: "429 from the gateway",
    source: API_QUOTAS,
    demand: ({ peaks }) => peaks.of("calls"),
  },
  {
    id: "run-task-rate",
    service: "ECS",
    name: "RunTask requests a second",
    value: 20,
    unit: "/s",
    scope: "deployment",
    raised: "on request",
    meets: "the job waits in the queue and is tried again",
    source: THROTTLING,
    demand: ({ peaks }) => peaks.of("launches"),
  },
  {
    id: "addresses",
    service: "VPC",
    name: "addresses in the two subnets, one a worker",
    value: ADDRESSES,
    unit: "",
    scope: "deployment",
    raised: "by a change of ours",
    meets: "the task does not start",
    source: "stacks/network.ts: two /20",
    demand: ({ fleet }) => fleet.launches.tasks.max,
  },
  {
    id: "table-reads-new",
    service: "DynamoDB",
    name: "read units a second that a new table is made for",
    value: 12_000,
    unit: "RRU/s",
    scope: "deployment",
    raised: "by itself",
    meets: "throttled while it grows: to twice the former peak at once, further within 30 minutes",
    source: DYNAMO_ON_DEMAND,
    demand: ({ peaks }) => peaks.of("rru"),
  },
  {
    id: "table-writes-new",
    service: "DynamoDB",
    name: "write units a second that a new table is made for",
    value: 4000,
    unit: "WRU/s",
    scope: "deployment",
    raised: "by itself",
    meets: "as for reads",
    source: DYNAMO_ON_DEMAND,
    demand: ({ peaks }) => peaks.of("wru"),
  },
  {
    id: "table-reads",
    service: "DynamoDB",
    name: "read units a second of one table",
    value: 40_000,
    unit: "RRU/s",
    scope: "deployment",
    raised: "on request",
    meets: "throttled; the SDK tries again, then the call fails as unavailable",
    source: DYNAMO_QUOTAS,
    demand: ({ peaks }) => peaks.of("rru"),
  },
  {
    id: "table-writes",
    service: "DynamoDB",
    name: "write units a second of one table",
    value: 40_000,
    unit: "WRU/s",
    scope: "deployment",
    raised: "on request",
    meets: "as for reads",
    source: DYNAMO_QUOTAS,
    demand: ({ peaks }) => peaks.of("wru"),
  },
  {
    id: "partition-heads",
    service: "DynamoDB",
    name: "read units a second of one partition: the heads of the busiest tenant",
    value: 3000,
    unit: "RRU/s",
    scope: "tenant",
    raised: "never",
    meets: "this tenant's reads are throttled, nobody else's",
    source: DYNAMO_PARTITIONS,
    demand: ({ peaks }) => peaks.of("busiestHeadReads"),
    demandOfOne: ({ peaks }) => peaks.of("headReads"),
  },
  {
    id: "partition-changes",
    service: "DynamoDB",
    name: "read units a second of one partition: a stream of changes of the busiest tenant",
    value: 3000,
    unit: "RRU/s",
    scope: "tenant",
    raised: "never",
    meets: "this tenant's listeners hear of changes later",
    source: DYNAMO_PARTITIONS,
    demand: ({ peaks }) => peaks.of("busiestChangeReads"),
    demandOfOne: ({ held }) => held.listens.max,
  },
  {
    id: "s3-reads",
    service: "S3",
    name: "GET a second of one partitioned prefix (all of users/ at first)",
    value: 5500,
    unit: "/s",
    scope: "deployment",
    raised: "by itself",
    meets: "503 Slow Down until S3 has split the prefix",
    source: S3_RATES,
    demand: ({ peaks }) => peaks.of("s3Reads"),
  },
  {
    id: "s3-writes",
    service: "S3",
    name: "PUT a second of one partitioned prefix",
    value: 3500,
    unit: "/s",
    scope: "deployment",
    raised: "by itself",
    meets: "as for GET",
    source: S3_RATES,
    demand: ({ peaks }) => peaks.of("s3Writes"),
  },
  {
    id: "front-rate",
    service: "CloudFront",
    name: "requests a second",
    value: 250_000,
    unit: "/s",
    scope: "deployment",
    raised: "on request",
    meets: "429 or 503 at the edge",
    source: FRONT_QUOTAS,
    demand: ({ peaks }) => peaks.of("calls"),
  },
];

export function limitOf(id: string): number {
  const limit = LIMITS.find((each) => each.id === id);
  if (!limit) throw new RangeError(`There is no limit ${id}.`);
  return limit.value;
}

const NO_RATE = { burst: Number.POSITIVE_INFINITY, perSecond: Number.POSITIVE_INFINITY };

export const UNLIMITED: Quotas = {
  runTask: NO_RATE,
  launches: { spot: NO_RATE, onDemand: NO_RATE },
  vcpus: { spot: Number.POSITIVE_INFINITY, onDemand: Number.POSITIVE_INFINITY },
  addresses: Number.POSITIVE_INFINITY,
  lambdas: Number.POSITIVE_INFINITY,
};

/** What AWS grants by default. Launches: 100 at once, 20 a second, of Spot and of on demand each. */
export const DEFAULT_QUOTAS: Quotas = {
  runTask: { burst: limitOf("run-task-rate"), perSecond: limitOf("run-task-rate") },
  launches: {
    spot: { burst: 100, perSecond: limitOf("fargate-launches") },
    onDemand: { burst: 100, perSecond: limitOf("fargate-launches") },
  },
  vcpus: { spot: limitOf("fargate-vcpu-spot"), onDemand: limitOf("fargate-vcpu") },
  addresses: limitOf("addresses"),
  lambdas: limitOf("lambda-concurrency"),
};
