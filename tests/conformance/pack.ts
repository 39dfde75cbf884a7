import type { AnyTool } from "@zenode/core";
import type { AnyNativeTool, McpPorts } from "@zenode/core/mcp";
import { extend } from "./fixtures/extend.ts";
import { inputRequiredTools } from "./fixtures/input-required-tools.ts";
import { jsonSchemaTool } from "./fixtures/json-schema-tool.ts";
import { plainTools } from "./fixtures/plain-tools.ts";
import { pushTools } from "./fixtures/push-tools.ts";
import { taskTools } from "./fixtures/task-tools.ts";

export interface ConformancePack {
  readonly tools: readonly AnyTool[];
  readonly nativeTools: readonly AnyNativeTool[];
  readonly extend: NonNullable<McpPorts["extend"]>;
}

/**
 * The fixtures the conformance suite asks a server for. `tools` go into the registry (and the
 * worker's), the rest into the MCP endpoint's ports.
 */
export const conformancePack: ConformancePack = {
  tools: [...plainTools, jsonSchemaTool, ...taskTools],
  nativeTools: [...pushTools, ...inputRequiredTools],
  extend,
};
