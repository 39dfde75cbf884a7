import type { Json } from "../lib/json.ts";
import type { ChildEnd } from "../tool/children.ts";
import { toCallKey } from "./call-key.ts";
import type { Job } from "./job.ts";

/** What a child is to do, and its place among its parent's children. */
export interface ChildIdentity {
  readonly tool: string;
  readonly sent: Json;
  readonly step: number;
  readonly index: number;
}

/** Names a child: the same parent calling the same tool with the same arguments in the same place. SHA-256, hex. */
export function toChildKey(
  parent: Pick<Job, "id" | "principal">,
  { tool, sent, step, index }: ChildIdentity,
): Promise<string> {
  return toCallKey(parent.principal, tool, { parent: parent.id, step, index, sent });
}

/** Of an ended child. */
export function toChildEnd({ outcome, state }: Job): ChildEnd {
  if (outcome) return outcome;
  const message = state === "cancelled" ? "The child was cancelled." : "The child has no result.";
  return { kind: "error", code: state, message };
}
