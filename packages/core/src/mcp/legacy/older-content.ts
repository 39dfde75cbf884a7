import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { Session } from "../../session/session-store.ts";

/** Whether clients of the session's revision know `resource_link` (specification 2025-06-18, changelog). */
export function hasLinks({ protocolVersion }: Pick<Session, "protocolVersion">): boolean {
  return protocolVersion >= "2025-06-18";
}

interface Block {
  readonly type: string;
  readonly uri?: string;
  readonly name?: string;
}

/** An answer with links in words: a client that does not know their kind would refuse the whole result. */
export function withoutLinks(answer: JSONRPCMessage): JSONRPCMessage {
  if (!("result" in answer)) return answer;
  const { content } = answer.result as { readonly content?: unknown };
  if (!Array.isArray(content)) return answer;
  const blocks = (content as readonly Block[]).map((block) =>
    block.type === "resource_link" ? { type: "text", text: `${block.name}: ${block.uri}` } : block,
  );
  return { ...answer, result: { ...answer.result, content: blocks } };
}
