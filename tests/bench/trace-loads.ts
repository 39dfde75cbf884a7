import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

/**
 * Preloaded into a function's process: writes the URL of each module that is loaded, imported or
 * required, to the file named by BENCH_LOADS, at the moment it is loaded.
 */
const file = process.env.BENCH_LOADS;
if (!file) throw new Error("BENCH_LOADS is not set.");
registerHooks({
  load(url, context, nextLoad) {
    appendFileSync(file, `${url}\n`);
    return nextLoad(url, context);
  },
});
