export { createMcpEndpoint } from "./endpoint.ts";
export {
  type AnyNativeTool,
  type Delegation,
  defineNativeTool,
  type NativeAnswer,
  type NativeContext,
  type NativeTool,
} from "./native-tool.ts";
export {
  DEFAULT_LIMITS,
  type Era,
  type ExtendContext,
  type McpCall,
  type McpEndpoint,
  type McpLimits,
  type McpPorts,
  type ServerInfo,
  type ServerPorts,
} from "./ports.ts";
export { LEGACY_VERSIONS } from "./server.ts";
export { type StdioConnection, type StdioPorts, type StdioStreams, serveStdio } from "./stdio.ts";
export { TASKS_EXTENSION } from "./tasks-extension.ts";
export { warmUp } from "./warm-up.ts";
