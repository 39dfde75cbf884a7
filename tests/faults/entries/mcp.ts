import "./moved-clock.ts";
import { compose, readConfig, streamed } from "@zenode/gateway";
import { stepsTool } from "../tools/steps-tool.ts";

const config = readConfig(process.env);

/** The mcp Lambda, with the tool of numbered steps and a clock that can be moved. */
export const handler = streamed(compose(config, { tools: [stepsTool] }), config.publicUrl);
