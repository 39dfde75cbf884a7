import { logAccess, trustIn } from "./permissions.ts";
import { type FunctionShape, runtime } from "./shape.ts";
import { physicalName } from "./stage.ts";

export interface FunctionParts {
  readonly shape: FunctionShape;
  readonly streaming: boolean;
  readonly environment: Record<string, $util.Input<string>>;
  readonly permissions: sst.aws.FunctionPermissionArgs[];
}

/** A function whose role may write its own log and do what is listed, nothing else. */
export function createFunction(name: string, parts: FunctionParts) {
  const { shape, streaming, environment, permissions } = parts;
  const log = new aws.cloudwatch.LogGroup(`${name}Log`, {
    name: physicalName(name.toLowerCase()),
    retentionInDays: 30,
  });
  return new sst.aws.Function(name, {
    handler: shape.handler,
    runtime: runtime.name,
    architecture: runtime.architecture,
    memory: `${shape.memoryMb} MB`,
    timeout: `${shape.timeoutSeconds} seconds`,
    streaming,
    // One chunk per lazy import: what a call does not use is not read at a cold start.
    nodejs: { splitting: true },
    environment,
    permissions: [...permissions, logAccess(log.arn)],
    logging: { format: "json", logGroup: log.name },
    transform: {
      role: (args) => {
        // `sst dev` assumes the role from the developer's machine; only there the account may.
        if ($dev) return;
        args.assumeRolePolicy = trustIn("lambda.amazonaws.com");
        args.managedPolicyArns = [];
      },
    },
  });
}
