import { catalogue } from "@zenode/tools";
import { runWorker } from "@zenode/worker";
import { conformancePack } from "../pack.ts";

/** The worker with the conformance pack's tools beside the catalogue. */
await runWorker([...catalogue, ...conformancePack.tools]);
