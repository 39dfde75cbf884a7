import { compose, readConfig, streamed } from "@zenode/gateway";
import { conformancePack } from "../pack.ts";

const config = readConfig(process.env);

/** The mcp Lambda with the conformance pack beside the catalogue. */
export const handler = streamed(compose(config, conformancePack), config.publicUrl);
