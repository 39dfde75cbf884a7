// From the second time on no module is stripped of its types or compiled again. Plain JavaScript, so that this holds for the first one, too.
import { enableCompileCache } from "node:module";
import path from "node:path";

enableCompileCache(
  path.resolve(import.meta.dirname, "../../../node_modules/.cache/zenode-compile"),
);
await import("../src/main.ts");
