import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { accessToken, type Target } from "./target.ts";

/** An MCP client over the target's endpoint, in the newest revision both speak. */
export async function connect(target: Target): Promise<Client> {
  const client = new Client(
    { name: "zenode-cli", version: "0.1.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  const transport = new StreamableHTTPClientTransport(new URL(target.mcpUrl), {
    authProvider: { token: () => accessToken(target) },
  });
  await client.connect(transport);
  return client;
}
