/** MCP on the wire, without an SDK: for what an SDK would not send, or would hide. */

export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface RequestOptions {
  readonly token?: string;
  /** Declares the tasks extension. */
  readonly tasks?: boolean;
  /** What else the client declares. */
  readonly capabilities?: Readonly<Record<string, unknown>>;
  readonly progressToken?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const VERSION = "2026-07-28";
export const ACCEPT = "application/json, text/event-stream";

/** A request of revision 2026-07-28: its envelope stands in `_meta` and in headers. */
export function postModern(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  options: RequestOptions = {},
): Promise<Response> {
  const name = params.name ?? params.taskId ?? params.uri;
  const meta = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientInfo": { name: "wire", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {
      ...options.capabilities,
      ...(options.tasks && { extensions: { "io.modelcontextprotocol/tasks": {} } }),
    },
    ...(options.progressToken !== undefined && { progressToken: options.progressToken }),
  };
  const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } };
  return post(url, JSON.stringify(body), {
    ...options,
    headers: {
      "mcp-protocol-version": VERSION,
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": name }),
      ...options.headers,
    },
  });
}

export function post(
  url: string,
  body: string,
  { token, headers, signal }: RequestOptions,
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      accept: ACCEPT,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(signal && { signal }),
  });
}

/** Starts a session of revision 2025-11-25; the headers of its further requests. */
export async function startSession(url: string, token: string): Promise<Record<string, string>> {
  const response = await postLegacy(url, "initialize", {
    token,
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "wire", version: "1" },
    },
  });
  await answerOf(response);
  const id = response.headers.get("mcp-session-id");
  if (id === null) throw new Error(`initialize answered ${response.status} without a session`);
  return { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
}

export function postLegacy(
  url: string,
  method: string,
  { params = {}, ...options }: RequestOptions & { readonly params?: Record<string, unknown> },
): Promise<Response> {
  return post(url, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), options);
}

/** The messages of an answer as they come, be it JSON or an event stream. */
export async function* messagesOf(response: Response): AsyncGenerator<Message> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
    yield (await response.json()) as Message;
    return;
  }
  for await (const { data } of eventsOf(response)) {
    if (data !== "") yield JSON.parse(data) as Message;
  }
}

export interface WireEvent {
  readonly id?: string;
  /** "" for an event that only brings an id. */
  readonly data: string;
}

/** Server-sent events with their ids; one that a broken stream cut is none. */
export async function* eventsOf(response: Response): AsyncGenerator<WireEvent> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield toEvent(text.slice(0, end));
      text = text.slice(end + 2);
    }
  }
}

function toEvent(block: string): WireEvent {
  const lines = block.split("\n");
  const field = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trimStart());
  const [id] = field("id");
  return { ...(id !== undefined && { id }), data: field("data").join("\n") };
}

/** The answer to the request: the message with a result or an error. `heard` gets those before it. */
export async function answerOf(
  response: Response,
  heard?: (notification: Message) => void,
): Promise<Message> {
  for await (const message of messagesOf(response)) {
    if (message.result !== undefined || message.error !== undefined) return message;
    heard?.(message);
  }
  throw new Error(`An answer of status ${response.status} ended without a result.`);
}

/** The text of a tool's result. */
export function textOf({ result }: Message): string {
  const content = (result?.content ?? []) as { readonly text?: string }[];
  return content.map((block) => block.text ?? "").join("\n");
}
