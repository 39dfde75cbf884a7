import type { FuzzAnswer } from "./answer.ts";
import type { FuzzRequest } from "./fuzz-request.ts";

/** What targets send to get a session, a stream and a task for their places. */
export const INITIALIZE: FuzzRequest = post({
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "fuzz", version: "1" },
  },
});

/** Answered by a stream, which then has events to come back to. */
export const TALK: FuzzRequest = post({
  method: "tools/call",
  params: { name: "test_tool_with_progress", arguments: {}, _meta: { progressToken: 1 } },
});

function post(message: object): FuzzRequest {
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
  };
}

export function inSession(request: FuzzRequest, session: string): FuzzRequest {
  return { ...request, headers: { ...request.headers, "mcp-session-id": session } };
}

export async function firstEvent(response: Response): Promise<string> {
  const [, id] = /^id: (.+)$/m.exec(await response.text()) ?? [];
  if (id === undefined) throw new Error("The stream has no event ids.");
  return id;
}

/** A call that waits for a worker which never comes. */
export const START_TASK: FuzzRequest = {
  method: "POST",
  headers: {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "workspace_report",
  },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "workspace_report",
      arguments: { project: "p" },
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "fuzz", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {
          extensions: { "io.modelcontextprotocol/tasks": {} },
        },
      },
    },
  }),
};

export async function toAnswer(response: Response): Promise<FuzzAnswer> {
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: await response.text(),
  };
}
