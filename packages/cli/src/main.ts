import { defineCommand, runCommand, showUsage } from "citty";

// Commands are imported when chosen.
const main = defineCommand({
  meta: {
    name: "zenode",
    description: "AI developer tools as a remote MCP server, locally and on AWS",
  },
  subCommands: {
    start: async () => (await import("./commands/start.ts")).start,
    push: async () => (await import("./commands/push.ts")).push,
    pull: async () => (await import("./commands/pull.ts")).pull,
    status: async () => (await import("./commands/status.ts")).status,
    watch: async () => (await import("./commands/watch.ts")).watch,
    upload: async () => (await import("./commands/upload.ts")).upload,
    download: async () => (await import("./commands/download.ts")).download,
    call: async () => (await import("./commands/call.ts")).call,
    tools: async () => (await import("./commands/tools.ts")).tools,
    token: async () => (await import("./commands/token.ts")).token,
    stdio: async () => (await import("./commands/stdio.ts")).stdio,
    login: async () => (await import("./commands/login.ts")).login,
  },
});

/** Errors whose text is for the user: ours, refusals of the platform, and mistakes in the words. */
const PLAIN: ReadonlySet<string> = new Set(["CliError", "RefusedError", "CLIError"]);

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

// Ctrl-C comes twice, from the terminal and from the launcher. While Node.js takes down what it set up, a signal that had
// a handler would kill it; ended by itself, with nothing left to do, it keeps its handlers.
process.on("beforeExit", () => process.exit());

try {
  process.exitCode = await run();
} catch (cause) {
  const known = cause instanceof Error && PLAIN.has(cause.name);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (words.includes("--json")) console.error(JSON.stringify({ error: message }));
  else console.error(known ? `zenode: ${message}` : cause);
  process.exitCode = 1;
}
