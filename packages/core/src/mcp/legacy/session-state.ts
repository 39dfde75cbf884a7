import {
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResultResponse,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { Json } from "../../lib/json.ts";
import type { StreamKey } from "../../log/event-log.ts";
import { MAX_SUBSCRIPTIONS, type Session } from "../../session/session-store.ts";
import type { Served } from "../exchange.ts";
import { isWireId, type SessionStreams } from "./stream-names.ts";
import { isAnswer } from "./transport.ts";

/** Answers and cancellations are for the process that waits for them, wherever it is. */
export async function keepForOthers(
  { ports }: Served,
  streams: SessionStreams,
  message: JSONRPCMessage,
): Promise<void> {
  const keep = (key: StreamKey) =>
    // A second answer or cancellation finds the place taken, which is as well: the first one counts.
    ports.log.append(key, 1, "client", [{ kind: "client", data: message as unknown as Json }]);
  if (isAnswer(message)) {
    if (isWireId(message.id)) await keep(streams.reply(message.id));
    return;
  }
  if (message.method !== "notifications/cancelled") return;
  const requestId = (message as JSONRPCNotification).params?.requestId;
  if (typeof requestId === "string" || typeof requestId === "number") {
    await keep(await streams.cancel(requestId));
  }
}

/** What changes the session's state is stored before its answer goes out; the answer, unless it can't be stored. */
export async function remember(
  { ports: { sessions } }: Served,
  { tenant, id }: Session,
  { method, params }: JSONRPCRequest,
  answer: JSONRPCMessage,
): Promise<JSONRPCMessage> {
  if ("error" in answer) return answer;
  if (method === "logging/setLevel") {
    await sessions.setLogLevel(tenant, id, String(params?.level));
  }
  if (method === "resources/subscribe") {
    const isKept = await sessions.subscribe(tenant, id, String(params?.uri));
    if (!isKept) return tooMany(answer);
  }
  if (method === "resources/unsubscribe") {
    await sessions.unsubscribe(tenant, id, String(params?.uri));
  }
  return answer;
}

function tooMany(answer: JSONRPCMessage): JSONRPCMessage {
  const { id } = answer as JSONRPCResultResponse;
  const message = `A session has at most ${MAX_SUBSCRIPTIONS} subscriptions; unsubscribe from others first.`;
  return { jsonrpc: "2.0", id, error: { code: ProtocolErrorCode.InvalidParams, message } };
}
