import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport as LegacyStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  connectLegacy,
  connectLegacyOver,
  connectModern,
  connectModernOver,
} from "../../harness/clients.ts";
import { clientEnv } from "../command.ts";
import { type InteropClient, overConnection, type Target } from "../interop-client.ts";
import { ZENODE } from "../zenode.ts";

function stdioServer({ home, folder }: Target) {
  const args = [ZENODE, "stdio", "--folder", folder];
  return { command: process.execPath, args, env: clientEnv({ home }), stderr: "ignore" } as const;
}

/** The two SDKs that most hosts embed. */
export const sdkClients: readonly InteropClient[] = [
  {
    name: "SDK v2",
    open: (target) =>
      overConnection(target, "2026-07-28", () => connectModern(target.mcpUrl, target.token)),
  },
  {
    name: "SDK v1",
    open: (target) =>
      overConnection(target, "2025-11-25", () => connectLegacy(target.mcpUrl, target.token)),
  },
  {
    name: "SDK v1 SSE",
    // The gateway answers 403 where it has no route, as API Gateway does.
    absent: { reason: "the endpoint /sse is not there yet", error: /status code \(40[34]\)/ },
    open(target) {
      const headers = { authorization: `Bearer ${target.token}` };
      const url = new URL("/sse", target.mcpUrl);
      return overConnection(target, "2025-11-25", () =>
        connectLegacyOver(
          new SSEClientTransport(url, {
            requestInit: { headers },
            eventSourceInit: {
              fetch: (input, init) =>
                fetch(input, { ...init, headers: { ...init?.headers, ...headers } }),
            },
          }),
        ),
      );
    },
  },
  {
    name: "SDK v2 stdio",
    open: (target) =>
      overConnection(target, "2026-07-28", () =>
        connectModernOver(new ModernStdio(stdioServer(target))),
      ),
  },
  {
    name: "SDK v1 stdio",
    open: (target) =>
      overConnection(target, "2025-11-25", () =>
        connectLegacyOver(new LegacyStdio(stdioServer(target))),
      ),
  },
];
