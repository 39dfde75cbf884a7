import type { Gateway } from "./gateway.ts";
import { collection } from "./shape.ts";

/** EventBridge starts the collector; nothing waits, so nothing costs in between. */
export function createCollection({ collect }: Pick<Gateway, "collect">) {
  const rule = new aws.cloudwatch.EventRule("Collection", {
    description: "Time to collect what no snapshot names any more",
    scheduleExpression: collection.schedule,
  });
  new aws.lambda.Permission("CollectionPermission", {
    action: "lambda:InvokeFunction",
    function: collect.name,
    principal: "events.amazonaws.com",
    sourceArn: rule.arn,
  });
  new aws.cloudwatch.EventTarget("CollectionTarget", { rule: rule.name, arn: collect.arn });
}
