import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { toStreamedHandler } from "./runtime.ts";

const TOOLS = 22;

const INPUT = (at: number) =>
  z.object({
    project: z.string().min(1).max(64).optional().describe(`Project of tool ${at}`),
    path: z.string().max(1024).optional().describe("A path in it"),
    limit: z.int().min(1).max(1000).default(100).describe("How many at most"),
    mode: z.enum(["fast", "thorough"]).optional().describe("How well to look"),
  });

const tools = Array.from({ length: TOOLS }, (_, at) => ({
  name: at === 0 ? "whoami" : `tool_${at}`,
  input: INPUT(at),
}));

/** The SDK as its own guide shows it: a server for each request, tools registered on it. */
function createServer(): McpServer {
  const server = new McpServer({ name: "reference", version: "1.0.0" });
  for (const { name, input } of tools) {
    const description = `Does what ${name} does and says so.`;
    server.registerTool(name, { title: name, description, inputSchema: input }, ({ limit }) => ({
      content: [{ type: "text", text: `${name}: ${limit}` }],
    }));
  }
  return server;
}

const { fetch } = createMcpHandler(createServer);

/** Without authentication, without AWS, without anything of ours. */
export const handler = toStreamedHandler((request) => fetch(request));
