import type { Gateway } from "./gateway.ts";
import { wakeups as shape } from "./shape.ts";

export type Wakeups = ReturnType<typeof createWakeups>;

/** The queue of messages that look after jobs, and where those go that fail again and again. */
export function createWakeups() {
  const encrypted = {
    sqsManagedSseEnabled: true,
    messageRetentionSeconds: shape.retentionSeconds,
  };
  const failed = new aws.sqs.Queue("WakeupsFailed", encrypted);
  const queue = new aws.sqs.Queue("Wakeups", {
    ...encrypted,
    visibilityTimeoutSeconds: shape.visibilityTimeoutSeconds,
    redrivePolicy: $jsonStringify({
      deadLetterTargetArn: failed.arn,
      maxReceiveCount: shape.maxReceiveCount,
    }),
  });
  // Only this queue's failures, and nobody else's messages.
  new aws.sqs.RedriveAllowPolicy("WakeupsFailedFrom", {
    queueUrl: failed.url,
    redriveAllowPolicy: $jsonStringify({
      redrivePermission: "byQueue",
      sourceQueueArns: [queue.arn],
    }),
  });
  return { queue };
}

/** Lambda receives from the queue and deletes what the function did not name as failed. */
export function consumeWakeups({ queue }: Wakeups, watch: Gateway["watch"]) {
  new aws.lambda.EventSourceMapping("WakeupsToWatch", {
    eventSourceArn: queue.arn,
    functionName: watch.name,
    batchSize: shape.batchSize,
    maximumBatchingWindowInSeconds: shape.batchingWindowSeconds,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: shape.maximumConcurrency },
  });
}
