import { enableCompileCache } from "node:module";
import path from "node:path";
import { defineCommand, runCommand, showUsage } from "citty";
import { CliError } from "./terminal/cli-error.ts";

// Commands are imported when chosen; from the second time on, neither stripped of types nor compiled again.
enableCompileCache(
  path.resolve(import.meta.dirname, "../../../node_modules/.cache/zenode-compile"),
);

const main = defineCommand({
  meta: {
    name: "zenode",
    description: "AI developer tools as a remote MCP server, locally and on AWS",
  },
  subCommands: {
    start: async () => (await import("./commands/start.ts")).start,
    push: async () => (await import("./commands/push.ts")).push,
    call: async () => (await import("./commands/call.ts")).call,
    tools: async () => (await import("./commands/tools.ts")).tools,
    token: async () => (await import("./commands/token.ts")).token,
    stdio: async () => (await import("./commands/stdio.ts")).stdio,
    login: async () => (await import("./commands/login.ts")).login,
  },
});

const words = process.argv.slice(2);

/** Help goes to standard output; a mistake to standard error with exit code 1 (2: the words are off). */
async function run(): Promise<number> {
  const [name] = words;
  const { subCommands } = main as {
    subCommands: Record<string, () => Promise<Parameters<typeof showUsage>[0]>>;
  };
  const command =
    name !== undefined && Object.hasOwn(subCommands, name) ? subCommands[name] : undefined;
  if (!command) {
    await showUsage(main);
    return name === undefined || name === "--help" || name === "-h" ? 0 : 2;
  }
  const chosen = await command();
  if (words.includes("--help") || words.includes("-h")) {
    await showUsage(chosen, main);
    return 0;
  }
  await runCommand(chosen, { rawArgs: words.slice(1) });
  return Number(process.exitCode ?? 0);
}

try {
  process.exitCode = await run();
} catch (cause) {
  const known = cause instanceof CliError || (cause instanceof Error && cause.name === "CLIError");
  const message = cause instanceof Error ? cause.message : String(cause);
  if (words.includes("--json")) console.error(JSON.stringify({ error: message }));
  else console.error(known ? `zenode: ${message}` : cause);
  process.exitCode = 1;
}
