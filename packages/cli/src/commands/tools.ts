import type { Client } from "@modelcontextprotocol/client";
import { defineCommand } from "citty";
import { commonArgs } from "../connection/arguments.ts";
import { connect } from "../connection/mcp-connection.ts";
import { findTarget } from "../connection/target.ts";
import { CliError } from "../terminal/cli-error.ts";
import { describeTool, summarizeTool } from "./describe-tool.ts";

export const tools = defineCommand({
  meta: { name: "tools", description: "List the tools, or tell all about one" },
  args: {
    tool: {
      type: "positional",
      description: "Name of the tool to be told all about",
      required: false,
    },
    ...commonArgs,
  },
  async run({ args }) {
    const client = await connect(findTarget(args));
    try {
      const { tools: list } = await client.listTools();
      const shown = args.tool === undefined ? list : [findTool(list, args.tool)];
      const describe = args.tool === undefined ? summarizeTool : describeTool;
      if (args.json)
        console.log(JSON.stringify(args.tool === undefined ? list : shown[0], null, 2));
      else for (const tool of shown) console.log(describe(tool));
    } finally {
      await client.close();
    }
  },
});

type ListedTools = Awaited<ReturnType<Client["listTools"]>>["tools"];

/** @throws CliError that names those there are. */
export function findTool(list: ListedTools, wanted: string): ListedTools[number] {
  const tool = list.find(({ name }) => name === wanted);
  if (tool) return tool;
  const names = list.map(({ name }) => name).join(", ");
  throw new CliError(`There is no tool ${wanted}. There are: ${names}`);
}
