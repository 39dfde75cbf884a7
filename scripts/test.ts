import { checks } from "./check.ts";
import { runSteps } from "./steps.ts";

/** The whole suite. Words given are passed on to vitest: `npm test -- packages/core`. */
const words = process.argv.slice(2);
runSteps([
  ...(words.length > 0 ? [] : checks),
  { name: "tests", command: ["vitest", "run", ...words] },
]);
