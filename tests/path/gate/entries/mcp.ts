import { compose, readConfig, streamed } from "@zenode/gateway";
import { gateTool } from "../gate-tool.ts";

const config = readConfig(process.env);

/** The mcp Lambda, with the tool that tests hold back. */
export const handler = streamed(compose(config, { tools: [gateTool] }), config.publicUrl);
