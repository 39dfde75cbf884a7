import {
  Client,
  isJSONRPCRequest,
  type JSONRPCMessage,
  ProtocolError,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { accessToken, type Target } from "./target.ts";

/** An MCP client over the target's endpoint, in the newest revision both speak. */
export async function connect(target: Target): Promise<Client> {
  const client = new Client(
    { name: "zenode-cli", version: "0.1.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  const transport = new TellingTransport(new URL(target.mcpUrl), {
    authProvider: { token: () => accessToken(target) },
  });
  await client.connect(transport);
  return client;
}

/** Of JSON-RPC's range for implementations; never on the wire. */
const STREAM_LOST = -32_050;

/** Whether a call failed because its answer's stream ended before the answer; asking again may find it. */
export function isStreamLost(cause: unknown): boolean {
  return cause instanceof ProtocolError && cause.code === STREAM_LOST;
}

type SendOptions = NonNullable<Parameters<StreamableHTTPClientTransport["send"]>[1]>;

/** Fails a request when its stream has ended; the SDK's own transport lets it wait for its timeout. */
class TellingTransport extends StreamableHTTPClientTransport {
  override send(
    message: JSONRPCMessage | JSONRPCMessage[],
    options: SendOptions = {},
  ): Promise<void> {
    if (Array.isArray(message) || !isJSONRPCRequest(message)) return super.send(message, options);
    const { id } = message;
    const error = { code: STREAM_LOST, message: "The answer's stream ended before the answer." };
    const onRequestStreamEnd = () => {
      options.onRequestStreamEnd?.();
      // After the answer this says nothing: the client knows the request no longer.
      this.onmessage?.({ jsonrpc: "2.0", id, error });
    };
    return super.send(message, { ...options, onRequestStreamEnd });
  }
}
