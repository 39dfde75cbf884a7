import { bucket as shape } from "./shape.ts";

type Permission = sst.aws.FunctionPermissionArgs;
type Text = $util.Output<string>;

/** Reads and writes of items, also in transactions (those are authorized by what they contain). No Scan. */
export function itemAccess(tableArn: Text): Permission {
  return {
    actions: [
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
      "dynamodb:Query",
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:ConditionCheckItem",
    ],
    resources: [tableArn],
  };
}

/** Items of signing in alone: nothing of a tenant's. */
export function signInItems(tableArn: Text): Permission {
  return {
    actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    resources: [tableArn],
    conditions: [
      { test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: ["O#*"] },
    ],
  };
}

/** Objects below the two roots. Without ListBucket, a key that is not there reads as 403, not 404. */
export function objectAccess(bucketArn: Text): Permission {
  return {
    actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    resources: Object.values(shape.roots).map((root) => $interpolate`${bucketArn}/${root}*`),
  };
}

/** Reading what lies in the bucket because it is too large for its item: inputs, outcomes. */
export function objectReading(bucketArn: Text): Permission {
  return { ...objectAccess(bucketArn), actions: ["s3:GetObject"] };
}

/** What collecting takes of the items: no new ones but by update. */
export function collectedItems(tableArn: Text): Permission {
  return {
    actions: ["dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"],
    resources: [tableArn],
  };
}

/** Listing and removing packs, and never reading one. */
export function packRemoval(bucketArn: Text): Permission[] {
  const { workspaces } = shape.roots;
  return [
    {
      actions: ["s3:ListBucket"],
      resources: [bucketArn],
      conditions: [{ test: "StringLike", variable: "s3:prefix", values: [`${workspaces}*`] }],
    },
    { actions: ["s3:DeleteObject"], resources: [$interpolate`${bucketArn}/${workspaces}*`] },
  ];
}

/** What launching and watching one family of tasks in one cluster takes. */
export interface LaunchTarget {
  readonly clusterArn: Text;
  readonly taskDefinitionFamilyArn: Text;
  /** The roles the tasks run under: the work's own and ECS's. */
  readonly taskRoleArns: readonly Text[];
}

export function launchAccess({ clusterArn, taskDefinitionFamilyArn, taskRoleArns }: LaunchTarget) {
  const tasks = clusterArn.apply((arn) => `${arn.replace(":cluster/", ":task/")}/*`);
  const inCluster = { test: "ArnEquals", variable: "ecs:cluster", values: [clusterArn] };
  return [
    {
      actions: ["ecs:RunTask"],
      resources: [$interpolate`${taskDefinitionFamilyArn}:*`],
      conditions: [inCluster],
    },
    {
      actions: ["ecs:DescribeTasks", "ecs:StopTask"],
      resources: [tasks],
      conditions: [inCluster],
    },
    // RunTask with tags is authorized a second time, as tagging on creation.
    {
      actions: ["ecs:TagResource"],
      resources: [tasks],
      conditions: [{ test: "StringEquals", variable: "ecs:CreateAction", values: ["RunTask"] }],
    },
    {
      actions: ["iam:PassRole"],
      resources: [...taskRoleArns],
      conditions: [
        {
          test: "StringEquals",
          variable: "iam:PassedToService",
          values: ["ecs-tasks.amazonaws.com"],
        },
      ],
    },
  ] satisfies Permission[];
}

/** Ordering a look at a job. */
export function wakeupSending(queueArn: Text): Permission {
  return { actions: ["sqs:SendMessage"], resources: [queueArn] };
}

/** What Lambda does on the function's behalf to bring it its messages (Lambda developer guide, "Execution role permissions"). */
export function wakeupReceiving(queueArn: Text): Permission {
  return {
    actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    resources: [queueArn],
  };
}

export function logAccess(logGroupArn: Text): Permission {
  return {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [$interpolate`${logGroupArn}:*`],
  };
}

/** The same statements as a policy document, for roles that SST would widen. */
export function policyOf(permissions: readonly Permission[]): Text {
  return aws.iam.getPolicyDocumentOutput({
    statements: permissions.map(({ actions, resources, conditions }) => ({
      actions,
      resources,
      ...(conditions === undefined ? {} : { conditions }),
    })),
  }).json;
}

/** Trust in one AWS service and nobody else, the account's own root included. */
export function trustIn(...services: string[]): Text {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" }],
  });
}
