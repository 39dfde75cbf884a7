import { readFileSync } from "node:fs";
import path from "node:path";
import { defineCommand } from "citty";
import { DEFAULT_STATE } from "../connection/arguments.ts";
import { type LocalCloud, startLocalCloud } from "../local/local-cloud.ts";
import { CliError } from "../terminal/cli-error.ts";

const DEFAULT_PORT = 7337;

export const start = defineCommand({
  meta: {
    name: "start",
    description: "Run zenode on this machine, against a local stand-in for AWS",
  },
  args: {
    port: {
      type: "string",
      description: "Port of the MCP endpoint on 127.0.0.1; 0 takes a free one",
      valueHint: "N",
      default: String(DEFAULT_PORT),
    },
    state: {
      type: "string",
      description: "Folder for all state",
      valueHint: "DIR",
      default: DEFAULT_STATE,
    },
    quiet: { type: "boolean", description: "No log lines after the start message", default: false },
  },
  async run({ args }) {
    const log = args.quiet
      ? () => undefined
      : (entry: Record<string, unknown>) => console.log(JSON.stringify(entry));
    const stopping = new AbortController();
    // The terminal and the launcher may both send it: a repeat must not cut the stop short.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => stopping.abort(signal));
    }
    const cloud = await startLocalCloud({ state: args.state, port: parsePort(args.port), log });
    try {
      console.log(startMessage(cloud, args.state));
      if (!stopping.signal.aborted) await aborted(stopping.signal);
    } finally {
      await cloud.stop();
    }
  },
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new CliError(`--port takes a number from 0 to 65535, not ${text}.`);
  return port;
}

/** What a newcomer needs, to be pasted. Its last line is what scripts wait for. */
function startMessage({ mcpUrl }: LocalCloud, state: string): string {
  const suffix = state === DEFAULT_STATE ? "" : ` --state ${state}`;
  const { version } = JSON.parse(
    readFileSync(path.join(import.meta.dirname, "../../package.json"), "utf8"),
  ) as { version: string };
  const bearer = `--header "Authorization: Bearer $(npx zenode token${suffix})"`;
  return `
zenode ${version} on this machine; state in ${path.resolve(state)}

  MCP endpoint   ${mcpUrl}
  Claude Code    claude mcp add --transport http zenode ${mcpUrl} ${bearer}
  mcp-remote     npx mcp-remote ${mcpUrl} ${bearer}

  Push a folder  npx zenode push . --project demo${suffix}
  Call a tool    npx zenode call search_files --project demo --pattern 'TODO|FIXME'${suffix}
                 npx zenode call workspace_report --project demo${suffix}
  All tools      npx zenode tools${suffix}

  Ctrl-C stops everything.

zenode ready ${mcpUrl}`;
}
