import { catalogue } from "@zenode/tools";
import { runWorker } from "@zenode/worker";
import { askTools } from "../ask-tools.ts";
import { fanTool } from "../fan-tool.ts";
import { gateTool } from "../gate-tool.ts";
import { limitTools } from "../limit-tools.ts";
import { resumeTools } from "../resume-tools.ts";
import { stairsTool } from "../stairs-tool.ts";

/** The worker, with the tools that tests hold back and answer. */
await runWorker([
  ...catalogue,
  gateTool,
  fanTool,
  stairsTool,
  ...askTools,
  ...resumeTools,
  ...limitTools,
]);
