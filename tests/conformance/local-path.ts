import { WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { type LocalPath, type PathOptions, startPath } from "../harness/local-path.ts";
import { sharedBundles } from "../harness/shared-bundles.ts";

/** How many processes of the mcp Lambda take turns. */
const PROCESSES = 4;

/** The whole local path with the conformance pack: every request lands in another process. */
export async function startConformancePath(
  emulator: PathOptions["emulator"] = {},
): Promise<LocalPath> {
  return startPath({
    bundles: await sharedBundles({
      mcp: "tests/conformance/entries/mcp.ts",
      [WORKER_BUNDLE]: "tests/conformance/entries/main.ts",
    }),
    emulator: { ...emulator, lambda: { rotation: { kind: "strict", minProcesses: PROCESSES } } },
  });
}
