import { compose, readConfig, streamed } from "@zenode/gateway";
import { askTools } from "../ask-tools.ts";
import { gateTool } from "../gate-tool.ts";

const config = readConfig(process.env);

/** Of every process the same, as a shared secret would be; it guards these tests' questions only. */
const requestStateKey = new TextEncoder().encode("tools of tests: no secret, 32 bytes at least");

/** The mcp Lambda, with the tools that tests hold back and answer. */
export const handler = streamed(
  compose(config, { tools: [gateTool, ...askTools], requestStateKey }),
  config.publicUrl,
);
