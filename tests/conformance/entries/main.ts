import { runWorker } from "@zenode/worker";
import { conformancePack } from "../pack.ts";

/** The worker with the conformance pack's tools. */
await runWorker(conformancePack.tools);
