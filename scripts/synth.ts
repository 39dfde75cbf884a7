import { synthesise } from "../tests/stacks/synth/synthesise.ts";
import { ensureSstPlatform } from "./sst-platform.ts";

/** Synthesises the deployment offline and prints every resource: `npm run synth -- [stage] [--json]`. */
const words = process.argv.slice(2);
const stage = words.find((word) => !word.startsWith("-")) ?? "dev";
await ensureSstPlatform();
const { resources, outputs } = await synthesise({ stage });
if (words.includes("--json"))
  process.stdout.write(`${JSON.stringify({ stage, outputs, resources }, null, 2)}\n`);
else {
  for (const { type, name } of resources) process.stdout.write(`${type.padEnd(60)} ${name}\n`);
  process.stdout.write(`${resources.length} resources of stage ${stage}\n`);
}
