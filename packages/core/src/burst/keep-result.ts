import { DAY, HOUR } from "../lib/duration.ts";
import type { Content, ToolResult } from "../tool/tool-result.ts";
import { failure } from "../tool/tool-result.ts";
import { cutResult, type Part } from "./cut-result.ts";
import type { Job, ResultOutcome } from "./job.ts";
import type { ResultStore } from "./result-store.ts";
import { toResultUri } from "./result-uri.ts";

/** The name of the tool that asks for the rest of a call; part of what every client is told. */
export const TASK_TOOL = "task";

/** Whose result it is, and by which right it is written. */
export type ResultOwner = Pick<Job, "id" | "tool" | "fence" | "createdAt" | "expiresAt"> & {
  readonly principal: Pick<Job["principal"], "tenant">;
};

/**
 * What is kept of a result as its job's outcome: all of it, or what fits into one answer with a note and
 * links that lead to the rest, which is stored first. What is over the limit of all results is a
 * failure of the tool's.
 */
export async function keepResult(
  store: ResultStore,
  owner: ResultOwner,
  result: ToolResult,
  promised = false,
): Promise<ResultOutcome> {
  const cut = cutResult(result, promised);
  if (cut.kind === "whole") return { kind: "result", result };
  if (cut.kind === "refused") {
    const message = `${owner.tool} gave ${cut.reason}. Ask it for less at once.`;
    return { kind: "result", result: failure(message) };
  }
  const { id, fence, principal } = owner;
  for (const [part, { text }] of cut.parts.entries()) {
    await store.put(principal.tenant, { id, fence, part }, text);
  }
  const { head, kept, structured, parts } = cut;
  const content: Content[] = [
    ...(head === "" ? [] : [{ type: "text", text: head } as const]),
    { type: "text", text: describe(owner, cut) },
    ...kept,
    ...toLinks(owner, parts),
  ];
  return {
    kind: "result",
    result: {
      content,
      ...(structured && { structured }),
      ...(result.isError && { isError: true }),
    },
    stored: parts.map(({ text: _text, ...part }) => part),
  };
}

/** For the model: what it has, and how it gets the rest. */
function describe(
  { id, createdAt, expiresAt }: ResultOwner,
  { head, characters, parts, structured }: Extract<ReturnType<typeof cutResult>, { kind: "cut" }>,
): string {
  const notes: string[] = [];
  if (head.length < characters) {
    const next = JSON.stringify({ action: "result", task_id: id, offset: head.length });
    notes.push(
      `This is the beginning of the result: ${head.length} of ${characters} characters. For what follows call the tool ${TASK_TOOL} with ${next}, or read the resources linked here.`,
    );
  }
  if (parts.some(({ kind }) => kind !== "text")) {
    notes.push("What is too large for one answer is linked here; read it as a resource.");
  }
  if (structured === undefined && parts.some(({ mimeType }) => mimeType === "application/json")) {
    notes.push("The structured content is among it.");
  }
  const kept = expiresAt - createdAt;
  notes.push(`It is kept for ${kept >= DAY ? `${kept / DAY} day` : `${kept / HOUR} hour`}.`);
  return notes.join(" ");
}

function toLinks({ id, tool }: ResultOwner, parts: readonly Part[]): readonly Content[] {
  return parts.map(({ mimeType, bytes }, part) => ({
    type: "resource_link",
    uri: toResultUri({ id, part }),
    name: `${tool}, part ${part + 1} of ${parts.length}`,
    mimeType,
    size: bytes,
  }));
}
