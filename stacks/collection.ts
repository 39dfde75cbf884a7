import type { Gateway } from "./gateway.ts";
import { sendEventsTo } from "./rule-target.ts";
import { collection } from "./shape.ts";

/** EventBridge starts the collector; nothing waits, so nothing costs in between. */
export function createCollection({ collect }: Pick<Gateway, "collect">) {
  const rule = new aws.cloudwatch.EventRule("Collection", {
    description: "Time to collect what no snapshot names any more",
    scheduleExpression: collection.schedule,
  });
  sendEventsTo("Collection", { rule, target: collect });
}
