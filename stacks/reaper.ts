import type { Gateway } from "./gateway.ts";
import { sendEventsTo } from "./rule-target.ts";
import { stoppedTasks } from "./shape.ts";
import type { Worker } from "./worker.ts";

interface Parts {
  readonly worker: Worker;
  readonly reaper: Gateway["reaper"];
}

/** ECS tells of every task of this cluster that stopped; the reaper looks what it left behind. */
export function createReaper({ worker, reaper }: Parts) {
  const rule = new aws.cloudwatch.EventRule("StoppedTasks", {
    description: "Workers that stopped, to the reaper",
    eventPattern: $jsonStringify({
      source: [stoppedTasks.source],
      "detail-type": [stoppedTasks.detailType],
      detail: { clusterArn: [worker.target.clusterArn], lastStatus: [stoppedTasks.lastStatus] },
    }),
  });
  sendEventsTo("StoppedTasks", { rule, target: reaper });
}
