import { spawnSync } from "node:child_process";
import path from "node:path";
import { bundle, ENTRIES } from "./bundles.ts";
import { root } from "./steps.ts";

/** `npm run deploy -- --stage NAME`: the bundles, then SST's deploy into the AWS account of the environment's credentials. */
const words = process.argv.slice(2);
if (!words.includes("--stage")) {
  process.stderr.write("zenode: name the stage: npm run deploy -- --stage dev\n");
  process.exit(2);
}
await bundle(ENTRIES, path.join(root, "dist"));
const sst = path.join(root, "node_modules", ".bin", "sst");
const done = spawnSync(sst, ["deploy", ...words], { cwd: root, stdio: "inherit" });
process.exit(done.status ?? 1);
