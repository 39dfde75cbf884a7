import "./moved-clock.ts";
import "./paid-time.ts";
import { catalogue } from "@zenode/tools";
import { runWorker } from "@zenode/worker";
import { stepsTool } from "../tools/steps-tool.ts";

/** The worker, with the tool of numbered steps and a clock that can be moved. */
await runWorker([...catalogue, stepsTool]);
