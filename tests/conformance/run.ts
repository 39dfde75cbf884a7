import { parseArgs } from "node:util";
import { runSets, SETS_OPTIONS, SETS_USAGE } from "./run-sets.ts";

const USAGE = `usage: node tests/conformance/run.ts [options]
  --url <url>          a server with the conformance pack (npm run conformance starts one)
  --header <n: v>      a header to add to every request; may be repeated
${SETS_USAGE}`;

const { values } = parseArgs({
  options: {
    ...SETS_OPTIONS,
    url: { type: "string" },
    header: { type: "string", multiple: true, default: [] },
  },
});

if (values.help) process.stdout.write(USAGE);
else if (values.url === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  process.exitCode = await runSets({
    ...values,
    target: new URL(values.url),
    headers: toHeaders(values.header),
  });
}

function toHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}
