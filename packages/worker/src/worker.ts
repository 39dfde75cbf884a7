import os from "node:os";
import { catalogue } from "@zenode/tools";
import { compose, logger } from "./compose.ts";
import { readConfig } from "./config.ts";
import { workLoop } from "./work-loop.ts";

/**
 * Runs the job named in the environment, then those its tenant orders while it lingers, and ends the
 * process. SIGTERM is Spot's two-minute notice and ECS's StopTask: the job is given back, then the
 * worker ends.
 */
export async function runWorker(tools = catalogue): Promise<never> {
  const shutdown = new AbortController();
  process.on("SIGTERM", () => shutdown.abort("shutdown"));
  try {
    const config = readConfig(process.env, os.tmpdir());
    const ports = await compose(config, tools);
    try {
      await workLoop(ports, config.order, shutdown.signal);
    } finally {
      await ports.close();
    }
    process.exitCode = 0;
  } catch (cause) {
    logger.error("worker failed", cause);
    process.exitCode = 1;
  }
  // A tool that did not heed its signal must not keep the machine, which is paid by the second.
  process.exit();
}
