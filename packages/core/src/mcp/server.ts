import { McpServer, type ServerOptions, type Transport } from "@modelcontextprotocol/server";
import { MINUTE, SECOND } from "../lib/duration.ts";
import type { Catalogue } from "./catalogue.ts";
import { registerCompletion } from "./completion.ts";
import { declaredInputs } from "./declared-inputs.ts";
import { mendInvalidParams } from "./error-to-wire.ts";
import type { Exchange, Serving } from "./exchange.ts";
import { formValidator } from "./form-validator.ts";
import { callToolInSession } from "./legacy/interactive-call.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { registerTasks } from "./tasks.ts";
import { TASKS_EXTENSION } from "./tasks-extension.ts";
import { callTool } from "./tool-call.ts";

/** The lists of tools, prompts and templates change only when a new version is deployed, and are the same for everyone. */
const SHARED = { ttlMs: 5 * MINUTE, cacheScope: "public" } as const;
/** A tenant's files change with a push, so what was read is good for as long as nobody would mind. */
const OWN = { ttlMs: 5 * SECOND, cacheScope: "private" } as const;

/** The legacy revisions served, newest first: what an unknown version is answered with. */
export const LEGACY_VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26"] as const;

/** Those of the old HTTP+SSE transport, which is 2024-11-05's own; later clients may use it too. */
export const SSE_VERSIONS = [...LEGACY_VERSIONS, "2024-11-05"] as const;

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
  server.setRequestHandler("tools/call", ({ params }, ctx) => {
    const { ask } = exchange;
    const calling = { served, exchange, ctx, declared: declaredInputs(server, ctx) };
    const work = ask ? callToolInSession({ ...calling, ask }, params) : callTool(calling, params);
    exchange.began?.(work);
    return work;
  });
  if (exchange.era === "modern") registerTasks(server, served, exchange);
  registerResources(server, served, exchange);
  registerPrompts(server, served, exchange);
  registerCompletion(server, served, exchange);
  return mcp;
}

function toOptions(served: Serving, exchange: Exchange): ServerOptions {
  const { instructions, clock } = served.ports;
  const left = Math.max(1, exchange.deadline - clock.now());
  const modern = exchange.era === "modern";
  const listens = modern && served.changes !== undefined;
  return {
    capabilities: {
      // Only revision 2026-07-28 has streams on which a changed list is told.
      tools: { listChanged: listens },
      prompts: { listChanged: listens },
      resources: { listChanged: listens, ...((listens || !modern) && { subscribe: true }) },
      completions: {},
      logging: {},
      ...(modern && { extensions: { [TASKS_EXTENSION]: {} } }),
    },
    ...(instructions !== undefined && { instructions }),
    ...(!modern && { supportedProtocolVersions: [...(exchange.versions ?? LEGACY_VERSIONS)] }),
    cacheHints: {
      "server/discover": SHARED,
      "tools/list": SHARED,
      "prompts/list": SHARED,
      "resources/templates/list": SHARED,
      "resources/list": OWN,
      "resources/read": OWN,
    },
    jsonSchemaValidator: formValidator,
    inputRequired: { roundTimeoutMs: left },
    ...(served.requestStates && {
      requestState: { verify: served.requestStates.of(exchange).verify },
    }),
  };
}
