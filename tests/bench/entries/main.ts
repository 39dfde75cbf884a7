import { runWorker } from "@zenode/worker";
import { probe } from "./probe-tool.ts";

/** The worker with the probe as its only tool. */
await runWorker([probe]);
