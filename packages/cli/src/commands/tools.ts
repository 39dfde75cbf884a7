import { defineCommand } from "citty";
import { commonArgs } from "../connection/arguments.ts";
import { connect } from "../connection/mcp-connection.ts";
import { findTarget } from "../connection/target.ts";

export const tools = defineCommand({
  meta: { name: "tools", description: "List the tools and their arguments" },
  args: commonArgs,
  async run({ args }) {
    const client = await connect(findTarget(args));
    try {
      const { tools: list } = await client.listTools();
      if (args.json) console.log(JSON.stringify(list, null, 2));
      else for (const tool of list) console.log(describe(tool));
    } finally {
      await client.close();
    }
  },
});

interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly inputSchema: {
    readonly properties?: Record<string, unknown> | undefined;
    readonly required?: string[] | undefined;
  };
}

function describe({ name, title, inputSchema }: ListedTool): string {
  const required = new Set(inputSchema.required ?? []);
  const args = Object.keys(inputSchema.properties ?? {}).map((arg) =>
    required.has(arg) ? `--${arg}` : `[--${arg}]`,
  );
  return `${name.padEnd(20)} ${title ?? ""}\n${" ".repeat(21)}${args.join(" ")}`;
}
