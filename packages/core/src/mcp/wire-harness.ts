import type { McpCall, McpEndpoint } from "./ports.ts";

/** Requests and answers as the endpoint's own tests write and read them. */
export const URL_OF_TESTS = "https://zenode.test/mcp";

export interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly error?: any;
}

export const TASKS = { extensions: { "io.modelcontextprotocol/tasks": {} } };

/** A request of revision 2026-07-28. */
export function modernRequest(
  method: string,
  params: Record<string, unknown> = {},
  options: {
    capabilities?: object;
    meta?: object;
    headers?: Record<string, string>;
    signal?: AbortSignal;
  } = {},
): Request {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": options.capabilities ?? {},
    ...options.meta,
  };
  const name = params.name ?? params.taskId ?? params.uri;
  return new Request(URL_OF_TESTS, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2026-07-28",
      "Mcp-Method": method,
      ...(name !== undefined && { "Mcp-Name": String(name) }),
      ...options.headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
    ...(options.signal && { signal: options.signal }),
  });
}

/** A POST of the revisions with sessions. */
export function legacyPost(
  body: unknown,
  session?: string,
  headers: Record<string, string> = {},
): Request {
  return new Request(URL_OF_TESTS, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(session !== undefined && { "Mcp-Session-Id": session }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function rpc(method: string, params: object = {}, id: number | string = 1) {
  return { jsonrpc: "2.0", id, method, params };
}

/** Starts a session and returns its id. */
export async function initialize(
  endpoint: McpEndpoint,
  call: McpCall,
  protocolVersion = "2025-11-25",
): Promise<string> {
  const params = {
    protocolVersion,
    capabilities: { elicitation: { form: {} }, sampling: {} },
    clientInfo: { name: "test", version: "1" },
  };
  const response = await endpoint.handle(legacyPost(rpc("initialize", params, 0)), call);
  const id = response.headers.get("mcp-session-id");
  if (id === null) throw new Error(`No session: ${response.status} ${await response.text()}`);
  return id;
}

export async function json(response: Response): Promise<Message> {
  return (await response.json()) as Message;
}

export interface SseEvent {
  readonly id?: string;
  readonly data?: string;
  readonly comment?: string;
}

/** The events of a stream as they come. */
export async function* events(response: Response): AsyncGenerator<SseEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body ?? []) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield toEvent(block);
  }
}

/** The JSON-RPC messages of a stream as they come. */
export async function* messagesOf(response: Response): AsyncGenerator<Message> {
  for await (const { data } of events(response)) if (data) yield JSON.parse(data) as Message;
}

/** The JSON-RPC messages of a stream, to its end. */
export async function messages(response: Response): Promise<Message[]> {
  const all: Message[] = [];
  for await (const message of messagesOf(response)) all.push(message);
  return all;
}

function toEvent(block: string): SseEvent {
  const event: Record<string, string> = {};
  for (const line of block.split("\n")) {
    const [, field = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    event[field === "" ? "comment" : field] = value;
  }
  return event;
}
