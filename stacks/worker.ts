import type { Data } from "./data.ts";
import { chosenLimits } from "./limits.ts";
import type { Network } from "./network.ts";
import {
  itemAccess,
  type LaunchTarget,
  launchAccess,
  objectAccess,
  policyOf,
  wakeupSending,
} from "./permissions.ts";
import { worker as shape, storage, variables } from "./shape.ts";
import type { Storage } from "./storage.ts";
import type { Wakeups } from "./wakeups.ts";

export type Worker = ReturnType<typeof createWorker>;

interface Parts extends Data, Storage {
  readonly network: Network;
  readonly wakeups: Wakeups;
}

/**
 * The cluster (with the Fargate and Fargate Spot capacity providers; RunTask chooses) and the task.
 * Nothing runs until RunTask is called.
 */
export function createWorker({ table, bucket, network, wakeups }: Parts) {
  const limits = chosenLimits();
  const cluster = new sst.aws.Cluster("Cluster", {
    vpc: {
      id: network.vpc.id,
      securityGroups: network.securityGroupIds,
      containerSubnets: network.subnetIds,
      loadBalancerSubnets: [],
    },
  });
  const permissions = [
    itemAccess(table.arn),
    objectAccess(bucket.arn),
    wakeupSending(wakeups.queue.arn),
  ];
  const task = new sst.aws.Task("Worker", {
    cluster,
    architecture: "arm64",
    cpu: "1 vCPU",
    memory: "2 GB",
    storage: `${shape.storageGb} GB`,
    containers: [
      {
        name: shape.containerName,
        image: { context: ".", dockerfile: shape.dockerfile },
        environment: {
          [variables.table]: table.name,
          [variables.bucket]: bucket.name,
          [variables.subnets]: join(network.subnetIds),
          [variables.securityGroups]: join(network.securityGroupIds),
          [variables.queueUrl]: wakeups.queue.url,
          [variables.stage]: $app.stage,
          ...Object.fromEntries(storage.map((limit) => [variables[limit], limits[limit]])),
        },
        logging: { retention: "1 month" },
      },
    ],
    permissions,
    dev: { command: "node packages/worker/src/main.ts", directory: "." },
    transform: {
      taskRole: (args) => {
        // SST adds ECS Exec for all; in `sst dev` its bridge needs what it adds.
        if (!$dev) args.inlinePolicies = [{ name: "worker", policy: policyOf(permissions) }];
      },
      // Without SST's right to read every secret and parameter of the account.
      executionRole: { inlinePolicies: [] },
      taskDefinition: (args) => {
        args.containerDefinitions = $output(args.containerDefinitions).apply(hardenContainers);
        args.volumes = [{ name: shape.workVolume.name }];
      },
    },
  });
  const { taskDefinition, taskRole, executionRole } = task.nodes;
  const target: LaunchTarget = {
    clusterArn: cluster.nodes.cluster.arn,
    taskDefinitionFamilyArn: taskDefinition.arnWithoutRevision,
    taskRoleArns: [taskRole.arn, executionRole.arn],
  };
  // A worker starts workers for the children of its job. On its own, because the target is made of
  // the role it belongs to.
  new aws.iam.RolePolicy("WorkerLaunching", {
    role: taskRole.name,
    policy: policyOf(launchAccess(target)),
  });
  return { taskDefinitionArn: taskDefinition.arn, target };
}

function join(ids: $util.Output<string>[]): $util.Output<string> {
  return $util.all(ids).apply((all) => all.join(","));
}

/** Docker's usual ones, but for those by which the worker runs a command as another user, ends it and removes its files. */
const DROPPED = [
  ...["AUDIT_WRITE", "FSETID", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETPCAP"],
  "SYS_CHROOT",
];

/** No open ports, no terminal (it breaks log lines), nothing to write to but the work; and time to give the job back. */
function hardenContainers(definitions: string): string {
  const containers = JSON.parse(definitions) as Record<string, unknown>[];
  return JSON.stringify(
    containers.map(({ portMappings: _ports, pseudoTerminal: _terminal, ...container }) => ({
      ...container,
      stopTimeout: shape.stopTimeoutSeconds,
      readonlyRootFilesystem: true,
      mountPoints: [
        {
          sourceVolume: shape.workVolume.name,
          containerPath: shape.workVolume.path,
          readOnly: false,
        },
      ],
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: DROPPED } },
    })),
  );
}
