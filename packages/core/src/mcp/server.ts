import { McpServer, type ServerOptions, type Transport } from "@modelcontextprotocol/server";
import { MINUTE } from "../lib/duration.ts";
import type { Catalogue } from "./catalogue.ts";
import { declaredInputs } from "./declared-inputs.ts";
import { mendInvalidParams } from "./error-to-wire.ts";
import type { Exchange, Serving } from "./exchange.ts";
import { registerTasks } from "./tasks.ts";
import { TASKS_EXTENSION } from "./tasks-extension.ts";
import { callTool } from "./tool-call.ts";

/** The tool list changes only when a new version is deployed, and is the same for everyone. */
const SHARED = { ttlMs: 5 * MINUTE, cacheScope: "public" } as const;

/** The legacy revisions served, newest first: what an unknown version is answered with. */
export const LEGACY_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26"] as const;

/**
 * A server for one request. The tool methods are registered on the SDK's lower level, because a tool
 * of `registerTool` can answer no JSON-RPC error and would have to be registered anew each time.
 */
class CatalogueServer extends McpServer {
  readonly #catalogue: Catalogue;

  constructor(served: Serving, options: ServerOptions) {
    super({ ...served.ports.serverInfo }, options);
    this.#catalogue = served.catalogue;
  }

  /** Where the SDK looks up a tool's `x-mcp-header` declarations before it dispatches. */
  override toolInputSchemaJson(name: string): Record<string, unknown> | undefined {
    return this.#catalogue.get(name)?.wire.inputSchema;
  }

  override connect(transport: Transport): Promise<void> {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => send(mendInvalidParams(message), options);
    return super.connect(transport);
  }
}

/** A fresh server of the exchange's era, not connected yet. */
export function createServer(served: Serving, exchange: Exchange): McpServer {
  const mcp = new CatalogueServer(served, toOptions(served, exchange));
  const { server } = mcp;
  server.setRequestHandler("tools/list", () => ({ tools: [...served.catalogue.list] }));
  server.setRequestHandler("tools/call", ({ params }, ctx) =>
    callTool({ served, exchange, ctx, declared: declaredInputs(server, ctx) }, params),
  );
  if (exchange.era === "modern") registerTasks(server, served, exchange);
  served.ports.extend?.(mcp, { era: exchange.era, principal: exchange.principal });
  return mcp;
}

function toOptions(served: Serving, exchange: Exchange): ServerOptions {
  const { instructions, clock } = served.ports;
  const left = Math.max(1, exchange.deadline - clock.now());
  const modern = exchange.era === "modern";
  return {
    capabilities: {
      // Sessions have no stream that a change could be told on.
      tools: { listChanged: modern && served.changes !== undefined },
      logging: {},
      ...(modern && { extensions: { [TASKS_EXTENSION]: {} } }),
    },
    ...(instructions !== undefined && { instructions }),
    ...(!modern && { supportedProtocolVersions: [...LEGACY_VERSIONS] }),
    cacheHints: { "tools/list": SHARED, "server/discover": SHARED },
    inputRequired: { roundTimeoutMs: left },
    ...(served.requestState && { requestState: { verify: served.requestState.verify } }),
  };
}
