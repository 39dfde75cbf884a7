import {
  isInitializeRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  parseJSONRPCMessage,
} from "@modelcontextprotocol/server";

/** Messages one batch may hold. */
const BATCH = 100;

/** The JSON-RPC messages of a body, at least one; undefined: it is something else. */
export function parseMessages(body: unknown): JSONRPCMessage[] | undefined {
  const items: unknown[] = Array.isArray(body) ? body : [body];
  if (items.length === 0 || items.length > BATCH) return undefined;
  try {
    return items.map(parseJSONRPCMessage);
  } catch {
    return undefined;
  }
}

/** By its method: a malformed one must not be taken for a request of some session. */
export function isInitialize(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && message.method === "initialize" && "id" in message;
}

export function isWellFormedInitialize(message: JSONRPCRequest): boolean {
  return isInitializeRequest(message);
}

/** A call that goes on elsewhere was given the answers of the time before; it gets others. */
export function withoutAnswers(request: JSONRPCRequest): JSONRPCRequest {
  const { inputResponses: _, requestState: __, ...params } = request.params ?? {};
  return { ...request, params };
}

export function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message;
}
