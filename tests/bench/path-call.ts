import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "@zenode/emulator";
import type { LocalPath } from "../harness/local-path.ts";
import { checkAnswer, postStreamed, toModernCall, type WireMessage } from "./modern-call.ts";

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
