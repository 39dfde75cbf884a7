import { parseArgs } from "node:util";
import { startConformancePath } from "../tests/conformance/local-path.ts";
import { runSets, SETS_OPTIONS, SETS_USAGE } from "../tests/conformance/run-sets.ts";

const USAGE = `usage: npm run conformance -- [options]
  --poll-ms <n>        event logs are read every n milliseconds, no sooner
  --kill               the Lambda's process is killed after every request
${SETS_USAGE}`;

/** A cold start before every answer: the longest scenarios have thirty requests. */
const KILL_TIMEOUT_MS = "180000";

/** MCP's conformance suite against the whole local path. */
const { values } = parseArgs({
  options: {
    ...SETS_OPTIONS,
    "poll-ms": { type: "string" },
    kill: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  const { kill, "poll-ms": pollMs } = values;
  const local = await startConformancePath({
    ...(pollMs !== undefined && { pollMs: Number(pollMs) }),
    kill,
  });
  try {
    return await runSets({
      ...values,
      target: new URL(local.mcpUrl),
      headers: new Map([["Authorization", `Bearer ${await local.token()}`]]),
      timeout: values.timeout ?? (kill ? KILL_TIMEOUT_MS : undefined),
      // Sets are separate runs: none begins with the processes the one before it has used up.
      ready: () => local.cloud.lambda.provisioned(),
    });
  } finally {
    await local.close();
  }
}
