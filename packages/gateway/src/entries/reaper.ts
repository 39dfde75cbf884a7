import type { EventBridgeEvent } from "aws-lambda";
import { composeReaper } from "../compose.ts";
import { readReaperConfig } from "../config.ts";
import { readStoppedWorker, type TaskStateChange } from "../events/stopped-worker.ts";

const reap = composeReaper(readReaperConfig(process.env));

/** A worker's task stopped: its job, if it has not ended, goes back to the queue; whoever's turn it is gets its room. */
export const handler = async (event: EventBridgeEvent<string, TaskStateChange>): Promise<void> => {
  const worker = readStoppedWorker(event.detail);
  if (!worker) return;
  const reaped = await reap(worker);
  process.stdout.write(
    `${JSON.stringify({ level: "info", message: "worker stopped", ...worker, ...reaped })}\n`,
  );
};
