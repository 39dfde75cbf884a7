import type { AnyPrompt, AnyTool, ResourceSource } from "@zenode/core";
import type { AnyNativeTool, NativePrompt } from "@zenode/core/mcp";
import { inputRequiredTools } from "./fixtures/input-required-tools.ts";
import { jsonSchemaTool } from "./fixtures/json-schema-tool.ts";
import { plainTools } from "./fixtures/plain-tools.ts";
import { nativePrompts, prompts } from "./fixtures/prompts.ts";
import { pushTools } from "./fixtures/push-tools.ts";
import { fixtureResources } from "./fixtures/resources.ts";
import { taskTools } from "./fixtures/task-tools.ts";

export interface ConformancePack {
  readonly tools: readonly AnyTool[];
  readonly nativeTools: readonly AnyNativeTool[];
  readonly prompts: readonly AnyPrompt[];
  readonly nativePrompts: readonly NativePrompt[];
  readonly resources: readonly ResourceSource[];
}

/**
 * The fixtures the conformance suite asks a server for. `tools` go into the registry (and the
 * worker's), the rest into the MCP endpoint's ports.
 */
export const conformancePack: ConformancePack = {
  tools: [...plainTools, jsonSchemaTool, ...taskTools],
  nativeTools: [...pushTools, ...inputRequiredTools],
  prompts,
  nativePrompts,
  resources: [fixtureResources],
};
