import { compose, readConfig, streamed } from "@zenode/gateway";
import { conformancePack } from "../pack.ts";

const config = readConfig(process.env);

/** Of every process the same, as a shared secret would be; it guards fixtures only. */
const requestStateKey = new TextEncoder().encode(
  "conformance fixtures: no secret, 32 bytes at least",
);

/** The suite leaves its streams after 1.5 s, of which a Lambda is not told; its processes come back sooner so. */
const LISTEN_MS = 3000;

/** The mcp Lambda with the conformance pack beside the catalogue. */
export const handler = streamed(
  compose(config, { ...conformancePack, requestStateKey, limits: { listenMs: LISTEN_MS } }),
  config.publicUrl,
);
