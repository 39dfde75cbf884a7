import { compose, readConfig, streamed } from "@zenode/gateway";
import { askTools } from "../ask-tools.ts";
import { fanTool } from "../fan-tool.ts";
import { gateTool } from "../gate-tool.ts";
import { limitTools } from "../limit-tools.ts";
import { resumeTools } from "../resume-tools.ts";
import { stairsTool } from "../stairs-tool.ts";

const config = readConfig(process.env);

/** The mcp Lambda, with the tools that tests hold back and answer. */
export const handler = streamed(
  compose(config, {
    tools: [gateTool, fanTool, stairsTool, ...askTools, ...resumeTools, ...limitTools],
  }),
  config.publicUrl,
);
