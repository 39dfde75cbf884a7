import path from "node:path";
import { bundle, bundleBytes, ENTRIES } from "./bundles.ts";
import { root } from "./steps.ts";

/** Writes the deployable bundles to dist/; the worker's image is made of dist/worker. */
const { folder } = await bundle(ENTRIES, path.join(root, "dist"));
for (const { name } of ENTRIES)
  process.stdout.write(`${name.padEnd(10)} ${await bundleBytes(folder(name))} bytes\n`);
