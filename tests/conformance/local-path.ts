import { WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";
import { sharedBundles } from "../harness/shared-bundles.ts";

/** How many processes of the mcp Lambda take turns: four at least, while as many are held by streams the suite has left. */
const PROCESSES = 8;

/** The whole local path with the conformance pack: every request lands in another process. */
export async function startConformancePath(): Promise<LocalPath> {
  return startPath({
    bundles: await sharedBundles({
      mcp: "tests/conformance/entries/mcp.ts",
      [WORKER_BUNDLE]: "tests/conformance/entries/main.ts",
    }),
    emulator: { lambda: { rotation: { kind: "strict", minProcesses: PROCESSES } } },
  });
}
