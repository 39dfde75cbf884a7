import type { Data } from "./data.ts";
import type { Front } from "./front.ts";
import { createFunction } from "./function.ts";
import type { Identity, UpstreamClient } from "./identity.ts";
import { chosenLimits } from "./limits.ts";
import type { Network } from "./network.ts";
import {
  collectedItems,
  itemAccess,
  launchAccess,
  objectAccess,
  objectReading,
  packRemoval,
  signInItems,
  wakeupReceiving,
  wakeupSending,
} from "./permissions.ts";
import { functions, type Variable, variables } from "./shape.ts";
import type { Storage } from "./storage.ts";
import type { Wakeups } from "./wakeups.ts";
import type { Worker } from "./worker.ts";

export type Gateway = ReturnType<typeof createGateway>;

interface Parts extends Data, Storage {
  readonly identity: Identity;
  readonly upstream: UpstreamClient;
  readonly network: Network;
  readonly worker: Worker;
  readonly front: Front;
  readonly stateKeys: aws.ssm.Parameter;
  readonly wakeups: Wakeups;
}

/** The functions. The metadata one is open to the world and may do nothing at all. */
export function createGateway(parts: Parts) {
  const values = environmentValues(parts);
  const pick = (names: readonly Variable[]) =>
    Object.fromEntries(names.map((name) => [variables[name], values[name]]));
  const launching = launchAccess(parts.worker.target);
  const items = itemAccess(parts.table.arn);
  const queueArn = parts.wakeups.queue.arn;
  const recovering = [
    items,
    objectReading(parts.bucket.arn),
    ...launching,
    wakeupSending(queueArn),
  ];
  return {
    mcp: createFunction("Mcp", {
      shape: functions.mcp,
      streaming: true,
      environment: pick(functions.mcp.environment),
      permissions: [items, objectAccess(parts.bucket.arn), ...launching, wakeupSending(queueArn)],
    }),
    metadata: createFunction("Metadata", {
      shape: functions.metadata,
      streaming: false,
      environment: pick(functions.metadata.environment),
      permissions: [],
    }),
    oauth: createFunction("Oauth", {
      shape: functions.oauth,
      streaming: true,
      environment: pick(functions.oauth.environment),
      permissions: [signInItems(parts.table.arn)],
    }),
    reaper: createFunction("Reaper", {
      shape: functions.reaper,
      streaming: false,
      environment: pick(functions.reaper.environment),
      permissions: recovering,
    }),
    watch: createFunction("Watch", {
      shape: functions.watch,
      streaming: false,
      environment: pick(functions.watch.environment),
      permissions: [...recovering, wakeupReceiving(queueArn)],
    }),
    collect: createFunction("Collect", {
      shape: functions.collect,
      streaming: false,
      environment: pick(functions.collect.environment),
      permissions: [collectedItems(parts.table.arn), ...packRemoval(parts.bucket.arn)],
    }),
  };
}

function environmentValues(parts: Parts): Record<Variable, $util.Input<string>> {
  const { table, bucket, identity, upstream, network, worker, front, stateKeys, wakeups } = parts;
  const list = (ids: $util.Output<string>[]) => $util.all(ids).apply((all) => all.join(","));
  return {
    table: table.name,
    bucket: bucket.name,
    cluster: worker.target.clusterArn,
    taskDefinition: worker.taskDefinitionArn,
    subnets: list(network.subnetIds),
    securityGroups: list(network.securityGroupIds),
    userPoolId: identity.pool.id,
    issuer: identity.issuer,
    clientIds: list([identity.cli.id, upstream.id]),
    upstreamClientId: upstream.id,
    upstreamClientSecret: upstream.secret,
    publicUrl: front.publicUrl,
    stage: $app.stage,
    stateKeys: stateKeys.value,
    queueUrl: wakeups.queue.url,
    ...chosenLimits(),
  };
}
