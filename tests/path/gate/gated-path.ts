import { type LocalPath, type PathOptions, startPath } from "../../harness/local-path.ts";
import { sharedBundles } from "../../harness/shared-bundles.ts";

/** Bundles whose catalogue also has the tool `gate`. */
export function gatedBundles(): Promise<string> {
  return sharedBundles({
    mcp: "tests/path/gate/entries/mcp.ts",
    worker: "tests/path/gate/entries/main.ts",
  });
}

export async function startGatedPath(options: PathOptions = {}): Promise<LocalPath> {
  return startPath({ ...options, bundles: await gatedBundles() });
}
