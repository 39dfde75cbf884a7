import { MINUTE, SECOND } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import type { AnyTool, Tool } from "./define-tool.ts";
import { graceOf } from "./interruption.ts";
import { formatIssues, type Schema } from "./schema.ts";
import { TimeLimit } from "./time-limit.ts";
import type { ToolContext } from "./tool-context.ts";
import { failure, type ToolResult } from "./tool-result.ts";

/** Checks arguments against a tool's schema. @throws RefusedError `invalid_input`, one line per mistake. */
export async function parseInput<Input>(schema: Schema<Input>, sent: unknown): Promise<Input> {
  const checked = await schema["~standard"].validate(sent);
  if (checked.issues) throw new RefusedError("invalid_input", formatIssues(checked.issues));
  return checked.value;
}

/** Bytes of the arguments as JSON when a tool sets no limit of its own. */
const DEFAULT_INPUT_BYTES = 256 * 1024;

/** @throws RefusedError `too_large` for arguments over the tool's limit. */
export function checkInputSize(tool: AnyTool, sent: unknown): void {
  const limit = tool.limits.inputBytes ?? DEFAULT_INPUT_BYTES;
  const bytes = new TextEncoder().encode(JSON.stringify(sent ?? {})).length;
  if (bytes > limit) {
    throw new RefusedError(
      "too_large",
      `The arguments of ${tool.name} are ${bytes} bytes; at most ${limit} are taken.`,
    );
  }
}

/** How a tool's run ended. */
export interface ToolEnd {
  readonly result: ToolResult;
  /** The tool was told to stop: its time was over, or the call's signal aborted. */
  readonly stopped: boolean;
}

/**
 * Runs a tool on validated input within its time. A refusal becomes a result the model can act on;
 * anything else thrown is the platform's failure and goes up. A tool that does not heed its signal
 * is left behind: its caller gets an answer in time all the same. Who is interrupted, to go on
 * elsewhere, has the interruption's grace to make a checkpoint; the time of answers does not count.
 */
export async function runTool<Input>(
  tool: Tool<Input>,
  input: Input,
  context: Omit<ToolContext, "deadline">,
  deadline: number,
): Promise<ToolEnd> {
  const { clock } = context;
  const timeMs = Math.min(tool.limits.timeoutMs, deadline - clock.now());
  const limit = new TimeLimit(clock, tool.limits.timeoutMs, deadline);
  const ended = new AbortController();
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const stopped = (): ToolEnd => {
    const text = context.signal.aborted ? wasStopped(tool.name) : outOfTime(tool.name, timeMs);
    return { result: failure(text), stopped: true };
  };
  const stop = async (): Promise<ToolEnd> => {
    await limit.over(AbortSignal.any([ended.signal, context.signal]));
    const graceMs = context.signal.aborted ? graceOf(context.signal.reason) : 0;
    if (graceMs > 0) await clock.sleep(graceMs, ended.signal);
    over.abort();
    return stopped();
  };
  const work = async (): Promise<ToolEnd> => {
    const run = await tool.load();
    const timed: ToolContext = {
      ...context,
      signal,
      ask: (request) => limit.while(context.ask(request)),
      get deadline() {
        return limit.until;
      },
    };
    return { result: await run(input, timed), stopped: false };
  };
  try {
    return await Promise.race([work(), stop()]);
  } catch (cause) {
    // What a tool throws because it was told to stop is no failure of its own.
    if (signal.aborted) return stopped();
    if (cause instanceof RefusedError) return { result: failure(cause.message), stopped: false };
    throw cause;
  } finally {
    ended.abort();
  }
}

function outOfTime(name: string, timeMs: number): string {
  return `${name} did not end within ${describeTime(timeMs)} and was stopped. Ask for less at once, or call it again.`;
}

function describeTime(ms: number): string {
  if (ms >= 2 * MINUTE) return `${Math.round(ms / MINUTE)} minutes`;
  return ms >= 2 * SECOND ? `${Math.round(ms / SECOND)} seconds` : `${ms} ms`;
}

function wasStopped(name: string): string {
  return `${name} was stopped before it had ended.`;
}
