import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { startConformancePath } from "../tests/conformance/local-path.ts";
import { root } from "./steps.ts";

const USAGE = `usage: npm run conformance -- [options]
  --poll-ms <n>   event logs are read every n milliseconds, no sooner
  --kill          the Lambda's process is killed after every request
and those of the suite's runner:
`;

/** MCP's conformance suite against the whole local path; the runner gets all other words. */
const { values, tokens } = parseArgs({
  options: {
    "poll-ms": { type: "string" },
    kill: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  strict: false,
  tokens: true,
});
const own = new Set(["poll-ms", "kill"]);
const passedOn = tokens.flatMap((token) => {
  if (token.kind === "positional") return [token.value];
  if (token.kind !== "option" || own.has(token.name)) return [];
  return token.inlineValue ? [`${token.rawName}=${token.value}`] : [token.rawName];
});

if (values.help) {
  process.stdout.write(USAGE);
  process.exitCode = await run(["--help"]);
} else {
  const pollMs = values["poll-ms"];
  const local = await startConformancePath({
    ...(pollMs !== undefined && { pollMs: Number(pollMs) }),
    kill: values.kill === true,
  });
  try {
    const header = `Authorization: Bearer ${await local.token()}`;
    process.exitCode = await run(["--url", local.mcpUrl, "--header", header, ...passedOn]);
  } finally {
    await local.close();
  }
}

async function run(words: readonly string[]): Promise<number> {
  const runner = ["tests/conformance/run.ts", ...words];
  const child = spawn(process.execPath, runner, { cwd: root, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
