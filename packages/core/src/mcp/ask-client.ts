import {
  type InputRequests,
  ProtocolError,
  type RequestOptions,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { JobInput } from "../burst/job.ts";
import type { Json } from "../lib/json.ts";
import type { InputRequest } from "../tool/input-request.ts";

/**
 * Asks a client of a session, over the stream of the request in hand. An error for an answer is a
 * refusal: it has the shape that elicitations have for it.
 * @throws SdkError when time was over, the request was taken back, or the client is gone.
 */
export async function askClient(
  ctx: ServerContext,
  request: InputRequest,
  options: RequestOptions,
): Promise<Json> {
  try {
    return (await send(ctx, request, options)) as Json;
  } catch (error) {
    if (error instanceof ProtocolError) return { action: "decline" };
    throw error;
  }
}

function send(
  ctx: ServerContext,
  request: InputRequest,
  options: RequestOptions,
): Promise<unknown> {
  const wire = toWire(request);
  switch (wire.method) {
    case "elicitation/create": {
      // Revision 2025-11-25 names each visit; later ones don't.
      const { params } = wire;
      const named = "url" in params ? { ...params, elicitationId: crypto.randomUUID() } : params;
      return ctx.mcpReq.send({ method: wire.method, params: named }, options);
    }
    case "sampling/createMessage":
      return ctx.mcpReq.send({ method: wire.method, params: wire.params }, options);
    case "roots/list":
      return ctx.mcpReq.send({ method: wire.method }, options);
  }
}

/** Our type says what MCP's does, read-only. */
export function toWire(request: InputRequest): InputRequests[string] {
  return structuredClone(request) as unknown as InputRequests[string];
}

/** The requests as `tasks/get` and a round of questions show them, by their keys. */
export function toInputRequests(inputs: readonly JobInput[]) {
  return Object.fromEntries(inputs.map(({ key, request }) => [key, toWire(request)]));
}
