import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { FaultAction, FaultPlan } from "../faults/fault-plan.ts";
import { readBody } from "../http/serve.ts";
import { EcsError } from "./ecs-error.ts";
import { type EcsInput, type EcsOperationContext, runOperation } from "./ecs-operations.ts";
import { containerMetadata, taskCredentials, taskMetadata } from "./task-metadata.ts";

const MAX_BODY_BYTES = 1024 * 1024;
const TARGET = /^AmazonEC2ContainerServiceV20141113\.(\w+)$/;
const TASK_PATH = /^\/(v4|credentials)\/([0-9a-f]{32})(\/task)?$/;

export interface EcsApiSource extends Omit<EcsOperationContext, "fate" | "capacity"> {
  readonly faults: FaultPlan;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The ECS API (AWS JSON 1.1 on `/`) and the endpoints only tasks know. Signatures are not checked. */
export function ecsApi(source: EcsApiSource) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "GET") {
      send(response, "application/json", answerTask(source, request.url ?? ""));
      return;
    }
    const operation = TARGET.exec(String(request.headers["x-amz-target"]))?.[1] ?? "";
    const body = (await readBody(request, MAX_BODY_BYTES)).toString();
    const fault = source.faults.draw("ecs", operation);
    if (fault?.kind === "delay") await sleep(fault.ms);
    const reply = answerOperation(source, { operation, body, fault });
    if (fault?.kind === "lose-answer") response.destroy();
    else send(response, "application/x-amz-json-1.1", reply);
  };
}

function answerOperation(
  source: EcsApiSource,
  call: { operation: string; body: string; fault: FaultAction | undefined },
): Reply {
  try {
    const { fault } = call;
    if (fault?.kind === "throttle") throw new EcsError("ThrottlingException", "Rate exceeded");
    if (fault?.kind === "error") throw new EcsError("ServerException", "Service Unavailable.");
    const input = JSON.parse(call.body === "" ? "{}" : call.body) as EcsInput;
    const fate = {
      ...(fault?.kind === "kill" ? { killAfterMs: fault.afterMs } : {}),
      ...(fault?.kind === "spot-interruption" ? { spotInterruptionAfterMs: fault.afterMs } : {}),
    };
    const capacity = fault?.kind !== "no-capacity";
    const body = runOperation(call.operation, input, { ...source, fate, capacity });
    return { status: 200, body };
  } catch (cause) {
    if (cause instanceof EcsError) return errorReply(cause);
    if (!(cause instanceof SyntaxError)) throw cause;
    return errorReply(new EcsError("SerializationException", cause.message));
  }
}

function errorReply(error: EcsError): Reply {
  const body = { __type: error.code, message: error.message, ...error.members };
  return { status: error.status, body };
}

function answerTask(source: EcsApiSource, path: string): Reply {
  const [, kind, id, wholeTask] = TASK_PATH.exec(path) ?? [];
  const task = id === undefined ? undefined : source.service.find(id);
  const container = task?.containers[0];
  if (task === undefined || container === undefined) return { status: 404, body: {} };
  if (kind === "credentials") return { status: 200, body: taskCredentials(task, source.now()) };
  const body = wholeTask === undefined ? containerMetadata(task, container) : taskMetadata(task);
  return { status: 200, body };
}

function send(response: ServerResponse, contentType: string, { status, body }: Reply): void {
  response.writeHead(status, { "content-type": contentType }).end(JSON.stringify(body));
}
