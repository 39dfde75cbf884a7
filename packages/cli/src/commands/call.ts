import type { Client, Progress, Tool } from "@modelcontextprotocol/client";
import { HOUR, MINUTE } from "@zenode/core";
import { defineCommand } from "citty";
import { commonArgs } from "../connection/arguments.ts";
import { connect, isStreamLost } from "../connection/mcp-connection.ts";
import { findTarget } from "../connection/target.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { parseCallArguments } from "./call-arguments.ts";
import { resultText } from "./result-text.ts";
import { findTool } from "./tools.ts";
import { withoutCommon } from "./words.ts";

export const call = defineCommand({
  meta: { name: "call", description: "Call a tool: zenode call <tool> --argument value …" },
  args: {
    tool: {
      type: "positional",
      description: "Name of the tool (its arguments: zenode tools <tool>)",
      required: true,
    },
    ...commonArgs,
  },
  async run({ args, rawArgs }) {
    const client = await connect(findTarget(args));
    try {
      const { tools } = await client.listTools();
      const tool = findTool(tools, args.tool);
      const values = parseCallArguments(withoutCommon(rawArgs, args.tool), tool.inputSchema);
      const result = await callWithProgress(client, tool, values);
      if (args.json) console.log(JSON.stringify(result, null, 2));
      else console.log(resultText(result));
      if (result.isError) process.exitCode = 1;
    } finally {
      await client.close();
    }
  },
});

type CallResult = Awaited<ReturnType<Client["callTool"]>>;

/** A call whose stream broke is asked for again, where that is harmless: the server takes up the work that runs. */
const ATTEMPTS = 5;
const WAIT_MS = 500;

async function callWithProgress(
  client: Client,
  { name, annotations = {} }: Pick<Tool, "name" | "annotations">,
  values: Record<string, unknown>,
): Promise<CallResult> {
  const attempts = annotations.readOnlyHint || annotations.idempotentHint ? ATTEMPTS : 1;
  const line = new ProgressLine(process.stderr);
  const options = {
    timeout: 5 * MINUTE,
    resetTimeoutOnProgress: true,
    maxTotalTimeout: HOUR,
    onprogress: ({ progress, total, message }: Progress) => line.show(progress, total, message),
  };
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await client.callTool({ name, arguments: values }, options);
      } catch (cause) {
        if (!isStreamLost(cause) || attempt === attempts) throw cause;
        await new Promise((resolve) => setTimeout(resolve, attempt * WAIT_MS));
      }
    }
  } finally {
    line.end();
  }
}
