import { compose, readConfig, streamed } from "@zenode/gateway";
import { conformancePack } from "../pack.ts";

const config = readConfig(process.env);

/** Of every process the same, as a shared secret would be; it guards fixtures only. */
const requestStateKey = new TextEncoder().encode(
  "conformance fixtures: no secret, 32 bytes at least",
);

/** The mcp Lambda with the conformance pack beside the catalogue. */
export const handler = streamed(
  compose(config, { ...conformancePack, requestStateKey }),
  config.publicUrl,
);
