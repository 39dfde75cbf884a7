import { CLIENT_CAPABILITIES_META_KEY, type ServerContext } from "@modelcontextprotocol/server";

/** The extension's name in capabilities, on both sides. */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** Whether this request declared the extension; what earlier requests said does not count. */
export function declaresTasks(ctx: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = ctx.mcpReq.envelope ?? {};
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return capabilities?.extensions?.[TASKS_EXTENSION] !== undefined;
}

interface ClientCapabilities {
  readonly extensions?: Readonly<Record<string, unknown>>;
}
