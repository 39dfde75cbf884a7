import { catalogue } from "@zenode/tools";
import { runWorker } from "@zenode/worker";
import { gateTool } from "../gate-tool.ts";

/** The worker, with the tool that tests hold back. */
await runWorker([...catalogue, gateTool]);
