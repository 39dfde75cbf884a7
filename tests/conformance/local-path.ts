import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bundle, ENTRIES, WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";

/** How many processes of the mcp Lambda take turns. */
const PROCESSES = 4;

const PACKED: Readonly<Record<string, string>> = {
  mcp: "tests/conformance/entries/mcp.ts",
  [WORKER_BUNDLE]: "tests/conformance/entries/main.ts",
};

/** The whole local path with the conformance pack: every request lands in another process. */
export async function startConformancePath(): Promise<LocalPath> {
  const bundles = await mkdtemp(path.join(os.tmpdir(), "zenode-conformance-"));
  await bundle(
    ENTRIES.map(({ name, source }) => ({ name, source: PACKED[name] ?? source })),
    bundles,
  );
  const local = await startPath({
    bundles,
    emulator: { lambda: { rotation: { kind: "strict", minProcesses: PROCESSES } } },
  });
  return {
    ...local,
    async close(options) {
      await local.close(options);
      await rm(bundles, { recursive: true, force: true });
    },
  };
}
