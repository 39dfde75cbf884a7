import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as LegacyStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { connectLegacyOver, connectModernOver } from "../../harness/clients.ts";
import { clientEnv, complaintsIn } from "../command.ts";
import { clientScript } from "../install.ts";
import {
  type InteropClient,
  type OpenClient,
  overConnection,
  type Target,
} from "../interop-client.ts";

/** mcp-remote between a local client and the endpoint; it passes the local client's era through. */
export const mcpRemote: readonly InteropClient[] = [
  { name: "mcp-remote modern", open: openModern },
  { name: "mcp-remote legacy", open: openLegacy },
];

function bridge({ mcpUrl, token, home }: Target) {
  const script = clientScript("mcp-remote/dist/proxy.js");
  const header = ["--header", `Authorization: Bearer ${token}`];
  const args = [script, mcpUrl, "--host", "127.0.0.1", ...header];
  return { command: process.execPath, args, env: clientEnv({ home }), stderr: "pipe" } as const;
}

function openModern(target: Target): OpenClient {
  const transport = new ModernStdio(bridge(target));
  return overConnection(
    target,
    "2026-07-28",
    () => connectModernOver(transport),
    listen(transport.stderr),
  );
}

function openLegacy(target: Target): OpenClient {
  const transport = new LegacyStdio(bridge(target));
  return overConnection(
    target,
    "2025-11-25",
    () => connectLegacyOver(transport),
    listen(transport.stderr),
  );
}

function listen(stderr: NodeJS.EventEmitter | null): () => readonly string[] {
  let said = "";
  stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return () => complaintsIn(said);
}
