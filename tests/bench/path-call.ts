import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "@zenode/emulator";
import type { LocalPath } from "../harness/local-path.ts";
import {
  checkAnswer,
  postStreamed,
  toModernCall,
  toModernRead,
  type WireMessage,
} from "./modern-call.ts";

/** Calls a tool the way a client does and follows it to its end. @throws Error when the call failed. */
export async function callTool(
  { mcpUrl }: Pick<LocalPath, "mcpUrl">,
  token: string,
  tool: string,
  args: Record<string, unknown> = {},
): Promise<NonNullable<WireMessage["result"]>> {
  let last: WireMessage | undefined;
  const wire = toModernCall(tool, args, { token, progress: true });
  for await (const message of postStreamed(mcpUrl, wire)) last = message;
  return checkAnswer(last);
}

/** The structured content of a result, which a link stands for where it is large. */
export async function readStructured(
  { mcpUrl }: Pick<LocalPath, "mcpUrl">,
  token: string,
  { structuredContent, content = [] }: NonNullable<WireMessage["result"]>,
): Promise<Readonly<Record<string, unknown>>> {
  if (structuredContent) return structuredContent;
  const link = content.find(({ uri, mimeType }) => uri && mimeType === "application/json");
  if (!link?.uri) throw new Error(`There is no document: ${JSON.stringify(content)}`);
  let last: WireMessage | undefined;
  for await (const message of postStreamed(mcpUrl, toModernRead(link.uri, { token }))) {
    last = message;
  }
  const [part] = checkAnswer(last).contents ?? [];
  return JSON.parse(part?.text ?? "") as Readonly<Record<string, unknown>>;
}

/** So that the next call finds nothing in memory. */
export async function endProcesses({ lambda }: Cloud): Promise<void> {
  for (const { pid } of lambda.processes()) lambda.kill(pid);
  while (lambda.processes().length > 0) await delay(10);
}

/** Workers and what follows their end (EventBridge, the reaper) are part of an operation. */
export async function settle({ lambda, ecs }: Cloud): Promise<void> {
  const working = () =>
    ecs.tasks().some(({ lastStatus }) => lastStatus !== "STOPPED") ||
    lambda.processes().some(({ state }) => state === "busy" || state === "init");
  do {
    await delay(50);
    await lambda.drain();
  } while (working());
}
