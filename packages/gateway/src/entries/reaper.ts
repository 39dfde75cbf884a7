import type { EventBridgeEvent } from "aws-lambda";
import { composeReaper } from "../compose.ts";
import { readReaperConfig } from "../config.ts";
import { readStoppedWorker, type TaskStateChange } from "../events/stopped-worker.ts";

const recover = composeReaper(readReaperConfig(process.env));

/** A worker's task stopped: the jobs it left, if they have not ended, go back to the queue and get another worker. */
export const handler = async (event: EventBridgeEvent<string, TaskStateChange>): Promise<void> => {
  const worker = readStoppedWorker(event.detail);
  if (!worker) return;
  const recoveries = Object.fromEntries(await recover(worker));
  process.stdout.write(
    `${JSON.stringify({ level: "info", message: "worker stopped", ...worker, recoveries })}\n`,
  );
};
