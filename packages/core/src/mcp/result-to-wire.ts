import type { CallToolResult } from "@modelcontextprotocol/server";
import type { ToolResult } from "../tool/tool-result.ts";

/** A tool's result as MCP's `CallToolResult`. */
export function toCallToolResult(result: ToolResult): CallToolResult {
  return {
    content: result.content.map((content) => ({ ...content })),
    ...(result.structured && { structuredContent: { ...result.structured } }),
    ...(result.isError && { isError: true }),
  };
}
