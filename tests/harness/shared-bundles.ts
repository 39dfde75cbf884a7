import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bundle, ENTRIES } from "../../scripts/bundles.ts";

const made = new Map<string, Promise<string>>();

/**
 * The deployable bundles with some entries replaced (name to source file), built once per test
 * process. Without replacements leave `bundles` out of startPath: it keeps those across processes.
 */
export function sharedBundles(replaced: Readonly<Record<string, string>>): Promise<string> {
  const key = JSON.stringify(Object.entries(replaced).sort());
  const before = made.get(key) ?? make(replaced);
  made.set(key, before);
  return before;
}

async function make(replaced: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-bundles-"));
  await bundle(
    ENTRIES.map(({ name, source }) => ({ name, source: replaced[name] ?? source })),
    folder,
  );
  return folder;
}
