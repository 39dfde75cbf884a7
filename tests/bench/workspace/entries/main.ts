import { catalogue } from "@zenode/tools";
import { runWorker } from "@zenode/worker";
import { checkout } from "./tools.ts";

/** The worker with the workspace bench's tool beside the catalogue. */
await runWorker([...catalogue, checkout]);
