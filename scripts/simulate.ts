import { parseArgs } from "node:util";
import { readOptions, SWITCHES, usageOf } from "../tests/simulate/options.ts";
import { toJson, toReport } from "../tests/simulate/report.ts";
import { makeStudy } from "../tests/simulate/study.ts";

const { values } = parseArgs({
  options: {
    ...Object.fromEntries(SWITCHES.map(({ name }) => [name, { type: "string" as const }])),
    json: { type: "boolean", default: false },
    "no-doubling": { type: "boolean", default: false },
    "no-alternatives": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const { json, help, ...rest } = values as Record<string, string | boolean | undefined>;
const options = help ? usageOf() : readOptions(rest);

if (typeof options === "string") {
  process.stdout.write(options);
  process.exitCode = help ? 0 : 2;
} else {
  const study = makeStudy(options);
  const text = json ? `${JSON.stringify(toJson(study), null, 2)}\n` : toReport(study);
  process.stdout.write(text);
}
