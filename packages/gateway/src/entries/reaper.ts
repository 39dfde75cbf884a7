import type { EventBridgeEvent } from "aws-lambda";
import { composeReaper } from "../compose.ts";
import { readReaperConfig } from "../config.ts";
import { readStoppedWorker, type TaskStateChange } from "../events/stopped-worker.ts";

const reap = composeReaper(readReaperConfig(process.env));

/** A worker's task stopped: the jobs it left, if they have not ended, go back to the queue; whoever's turn it is gets its room. */
export const handler = async (event: EventBridgeEvent<string, TaskStateChange>): Promise<void> => {
  const worker = readStoppedWorker(event.detail);
  if (!worker) return;
  const { recoveries, launched } = await reap(worker);
  const reaped = { recoveries: Object.fromEntries(recoveries), launched };
  process.stdout.write(
    `${JSON.stringify({ level: "info", message: "worker stopped", ...worker, ...reaped })}\n`,
  );
};
