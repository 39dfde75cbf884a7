import { runSteps, type Step } from "./steps.ts";

/** What no test runs: types, lint and format, unused code. */
export const checks: readonly Step[] = [
  { name: "SST platform", command: ["scripts/sst-platform.ts"] },
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "types of the stacks", command: ["tsc", "--noEmit", "-p", "stacks/tsconfig.json"] },
  { name: "lint and format", command: ["biome", "ci", "."] },
  { name: "unused code", command: ["knip"] },
];

if (import.meta.main) runSteps(checks);
