import { createHash } from "node:crypto";
import { place } from "./place.ts";

interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  /** Of a look-up; empty when there is none. */
  readonly givenId?: string | undefined;
}

/** What AWS makes of a resource, as far as the stacks read it. */
type Computed = { readonly id: string } & Record<string, unknown>;

/** A registration's name at AWS, and eight letters and digits that follow from its identity. */
interface Named extends Registration {
  readonly physical: string;
  readonly hash: string;
}

export const hash = (text: string, length: number) =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

const { account, region } = place;
const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;

/** IDs and computed outputs, close enough to AWS's for the components' own string handling. */
export function computedOutputs(registration: Registration): Computed {
  const { type, name, inputs, givenId } = registration;
  const physical = String(inputs.name ?? inputs.bucket ?? name);
  const named = { ...registration, physical, hash: hash(`${type}/${name}`, 10) };
  const known = COMPUTED[type]?.(named);
  if (known !== undefined) return known;
  const [, service = "none"] = type.split(/[:/]/);
  return { id: givenId || physical, arn: arn(service, `${type.split(":").pop()}/${physical}`) };
}

const COMPUTED: Record<string, (named: Named) => Computed> = {
  "aws:lambda/function:Function": lambdaFunction,
  "aws:dynamodb/table:Table": ({ physical }) => ({
    id: physical,
    arn: arn("dynamodb", `table/${physical}`),
  }),
  "aws:s3/bucket:Bucket": ({ physical }) => ({
    id: physical,
    bucket: physical,
    arn: `arn:aws:s3:::${physical}`,
    bucketRegionalDomainName: `${physical}.s3.${region}.amazonaws.com`,
  }),
  "aws:iam/role:Role": ({ physical }) => ({
    id: physical,
    arn: `arn:aws:iam::${account}:role/${physical}`,
  }),
  "aws:ecs/cluster:Cluster": ({ physical }) => ({
    id: arn("ecs", `cluster/${physical}`),
    arn: arn("ecs", `cluster/${physical}`),
  }),
  "aws:ecs/taskDefinition:TaskDefinition": ({ inputs }) => ({
    id: String(inputs.family),
    arn: arn("ecs", `task-definition/${inputs.family}:1`),
    arnWithoutRevision: arn("ecs", `task-definition/${inputs.family}`),
  }),
  "aws:cloudwatch/logGroup:LogGroup": ({ physical }) => ({
    id: physical,
    arn: arn("logs", `log-group:${physical}`),
  }),
  "aws:cloudwatch/eventRule:EventRule": ({ physical }) => ({
    id: physical,
    arn: arn("events", `rule/${physical}`),
  }),
  "aws:sqs/queue:Queue": ({ physical }) => ({
    id: `https://sqs.${region}.amazonaws.com/${account}/${physical}`,
    url: `https://sqs.${region}.amazonaws.com/${account}/${physical}`,
    arn: arn("sqs", physical),
  }),
  "aws:cognito/userPool:UserPool": ({ hash: unique }) => ({
    id: `${region}_${unique}`,
    arn: arn("cognito-idp", `userpool/${region}_${unique}`),
    endpoint: `cognito-idp.${region}.amazonaws.com/${region}_${unique}`,
  }),
  "aws:cognito/userPoolClient:UserPoolClient": ({ inputs, hash: unique }) => ({
    id: `client${unique}`,
    ...(inputs.generateSecret === true && { clientSecret: `secret${unique}` }),
  }),
  "aws:apigateway/restApi:RestApi": ({ hash: unique }) => ({
    id: unique,
    arn: `arn:aws:apigateway:${region}::/restapis/${unique}`,
    rootResourceId: `${unique}root`,
    executionArn: arn("execute-api", unique),
  }),
  "aws:apigateway/resource:Resource": ({ name }) => ({ id: name }),
  // Without a CloudWatch role, so that the one-time setup of the account is part of the graph.
  "aws:apigateway/account:Account": ({ givenId, hash: unique }) => ({ id: givenId || unique }),
  "aws:cloudfront/distribution:Distribution": ({ hash: unique }) => ({
    id: unique.toUpperCase(),
    arn: `arn:aws:cloudfront::${account}:distribution/${unique.toUpperCase()}`,
    domainName: `${unique}.cloudfront.net`,
  }),
  "random:index/randomBytes:RandomBytes": ({ inputs, hash: unique }) => ({
    id: unique,
    base64: Buffer.alloc(Number(inputs.length ?? 32), 7).toString("base64"),
  }),
  "docker-build:index:Image": ({ name, hash: unique }) => ({
    id: unique,
    digest: `sha256:${hash(name, 64)}`,
  }),
};

function lambdaFunction({ physical, inputs }: Named): Computed {
  const place = typeof inputs.region === "string" ? inputs.region : region;
  const own = `arn:aws:lambda:${place}:${account}:function:${physical}`;
  const invocation = (version: string, suffix: string) =>
    `arn:aws:apigateway:${region}:lambda:path/${version}/functions/${own}/${suffix}`;
  const version = inputs.publish === true ? "1" : "$LATEST";
  return {
    id: physical,
    arn: own,
    version,
    qualifiedArn: `${own}:${version}`,
    invokeArn: invocation("2015-03-31", "invocations"),
    responseStreamingInvokeArn: invocation("2021-11-15", "response-streaming-invocations"),
  };
}
