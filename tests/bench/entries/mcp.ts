import { compose, readConfig, streamed } from "@zenode/gateway";
import { probe } from "./probe-tool.ts";

const config = readConfig(process.env);

/** The mcp Lambda with the probe beside the catalogue. */
export const handler = streamed(compose(config, { tools: [probe] }), config.publicUrl);
