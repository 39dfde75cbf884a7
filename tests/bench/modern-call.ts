/** What one request of revision 2026-07-28 is on the wire (specification, transports, "Request headers"). */
export interface ModernCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ModernCallOptions {
  readonly token: string;
  /** Asks for progress notifications. */
  readonly progress?: boolean;
}

const VERSION = "2026-07-28";
const META = "io.modelcontextprotocol";

export function toModernCall(
  tool: string,
  args: Record<string, unknown>,
  options: ModernCallOptions,
): ModernCall {
  return toRequest("tools/call", tool, { name: tool, arguments: args }, options);
}

export function toModernRead(uri: string, options: ModernCallOptions): ModernCall {
  return toRequest("resources/read", uri, { uri }, options);
}

function toRequest(
  method: string,
  name: string,
  params: Record<string, unknown>,
  { token, progress = false }: ModernCallOptions,
): ModernCall {
  const envelope = {
    [`${META}/protocolVersion`]: VERSION,
    [`${META}/clientInfo`]: { name: "zenode-bench", version: "1.0.0" },
    [`${META}/clientCapabilities`]: {},
    ...(progress && { progressToken: 1 }),
  };
  return {
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": VERSION,
      "mcp-method": method,
      "mcp-name": name,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: { ...params, _meta: envelope },
    }),
  };
}

interface Block {
  readonly text?: string;
  /** Of a `resource_link`. */
  readonly uri?: string;
  readonly mimeType?: string;
}

/** A JSON-RPC message of the answer, as far as it is read here. */
export interface WireMessage {
  readonly method?: string;
  readonly params?: { readonly message?: string };
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly Block[];
    /** Of a resource that was read. */
    readonly contents?: readonly { readonly text?: string }[];
    readonly structuredContent?: Readonly<Record<string, unknown>>;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

/** @throws Error when the call failed: a failure's time is nobody's figure. */
export function checkAnswer(message: WireMessage | undefined): NonNullable<WireMessage["result"]> {
  if (message?.result && message.result.isError !== true) return message.result;
  throw new Error(`The call failed: ${JSON.stringify(message)}`);
}

/** Calls over HTTP and reads the whole answer, which must be JSON. */
export async function post(mcpUrl: string, call: ModernCall): Promise<void> {
  const response = await fetch(mcpUrl, { method: "POST", ...call });
  checkAnswer((await response.json()) as WireMessage);
}

/** The messages of an answer as they come, of one as JSON or as a stream. */
export async function* postStreamed(mcpUrl: string, call: ModernCall): AsyncGenerator<WireMessage> {
  const response = await fetch(mcpUrl, { method: "POST", ...call });
  if (response.headers.get("content-type") !== "text/event-stream") {
    yield (await response.json()) as WireMessage;
    return;
  }
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body ?? []) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data) as WireMessage;
    }
  }
}
