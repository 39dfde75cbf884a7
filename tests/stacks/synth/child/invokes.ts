import { hash } from "./outputs.ts";
import { place } from "./place.ts";

type Fields = Record<string, unknown>;

interface Statement {
  readonly sid?: string;
  readonly effect?: string;
  readonly principals?: readonly { readonly type: string; readonly identifiers: unknown }[];
  readonly actions: unknown;
  readonly resources?: unknown;
  readonly conditions?: readonly {
    readonly test: string;
    readonly variable: string;
    readonly values: unknown;
  }[];
}

const { account, region } = place;

/** Answers a look-up at AWS. One that is not known here is an error: its answer would shape the graph. */
export function answerInvoke(token: string, inputs: Fields): Fields {
  const answer = ANSWERS[token];
  if (answer !== undefined) return answer(inputs);
  // Pulumi reports only the `details` of an invoke's error.
  throw Object.assign(new Error(), {
    details: `synth: no answer for ${token} ${JSON.stringify(inputs)}`,
  });
}

const ANSWERS: Record<string, (inputs: Fields) => Fields> = {
  "aws:index/getRegion:getRegion": () => ({ id: region, region, name: region }),
  "aws:index/getPartition:getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: account,
    accountId: account,
    arn: `arn:aws:iam::${account}:root`,
    userId: account,
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
    names: ["a", "b", "c"].map((zone) => region + zone),
    zoneIds: ["z1", "z2", "z3"],
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
  "aws:secretsmanager/getRandomPassword:getRandomPassword": ({ passwordLength }) => ({
    randomPassword: "k".repeat(Number(passwordLength)),
  }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
    proxyEndpoint: `https://${account}.dkr.ecr.${region}.amazonaws.com`,
    userName: "AWS",
    password: "synth",
  }),
};

function policyDocument(inputs: Fields): Fields {
  const given = (inputs.statements ?? []) as Statement[];
  const json = JSON.stringify({ Version: "2012-10-17", Statement: given.map(toStatement) });
  // Like the provider: no statements at all reads back as undefined, and SST tests for that.
  const statements = given.length > 0 ? given : undefined;
  return { ...inputs, statements, id: hash(json, 8), json, minifiedJson: json };
}

function toStatement({ sid, effect, principals, actions, resources, conditions }: Statement) {
  return {
    ...(sid && { Sid: sid }),
    Effect: effect ?? "Allow",
    ...(principals && { Principal: toPrincipal(principals) }),
    Action: actions,
    Resource: resources,
    ...(conditions && { Condition: toCondition(conditions) }),
  };
}

function toPrincipal(principals: NonNullable<Statement["principals"]>) {
  if (principals.some(({ type }) => type === "*")) return "*";
  return Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers]));
}

function toCondition(conditions: NonNullable<Statement["conditions"]>) {
  const byTest: Record<string, Record<string, unknown>> = {};
  for (const { test, variable, values } of conditions)
    byTest[test] = { ...byTest[test], [variable]: values };
  return byTest;
}
