import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bundle, ENTRIES } from "../../scripts/bundles.ts";

let made: Promise<string> | undefined;

/** The deployable bundles, built once per test process. */
export function sharedBundles(): Promise<string> {
  made ??= (async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-bundles-"));
    await bundle(ENTRIES, folder);
    return folder;
  })();
  return made;
}
