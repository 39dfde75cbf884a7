import { compose, readConfig, streamed } from "@zenode/gateway";
import { checkout, searchHere } from "./tools.ts";

const config = readConfig(process.env);

/** The mcp Lambda with the workspace bench's tools beside the catalogue. */
export const handler = streamed(
  compose(config, { tools: [checkout, searchHere] }),
  config.publicUrl,
);
