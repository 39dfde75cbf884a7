import { compose, readConfig, streamed } from "@zenode/gateway";
import { conformancePack } from "../pack.ts";

const config = readConfig(process.env);

/** The suite leaves its streams after 1.5 s, of which a Lambda is not told; its processes come back sooner so. */
const HELD_MS = 3000;

/** The mcp Lambda with the conformance pack beside the catalogue. */
export const handler = streamed(
  compose(config, { ...conformancePack, limits: { listenMs: HELD_MS, ownStreamMs: HELD_MS } }),
  config.publicUrl,
);
