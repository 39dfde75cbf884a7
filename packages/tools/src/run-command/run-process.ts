import { constants } from "node:os";
import {
  KIB,
  MIB,
  type Sandbox,
  type SandboxEnd,
  type SandboxedCommand,
  SECOND,
  type ToolContext,
} from "@zenode/core";
import type { RunCommandInput } from "./input.ts";
import { KeptOutput } from "./kept-output.ts";
import { LiveOutput } from "./live-output.ts";
import { readLines } from "./output-lines.ts";
import type { Report } from "./report.ts";

/** A command that writes more is ended. */
const MOST_OUTPUT = 64 * MIB;

export type Ran = Pick<
  Report,
  | "exit_code"
  | "stopped"
  | "out_of_memory"
  | "duration_ms"
  | "output"
  | "output_bytes"
  | "output_cut"
>;

export interface RunOrder {
  readonly sandbox: Sandbox;
  readonly input: Pick<RunCommandInput, "timeout_seconds" | "max_output_kb">;
  readonly context: Pick<ToolContext, "clock" | "signal" | "progress">;
}

/** Runs a command to its end, or until a limit or the call's signal ends it. @throws the signal's reason. */
export async function runProcess(order: RunOrder, command: SandboxedCommand): Promise<Ran> {
  const { sandbox, input, context } = order;
  const { clock, signal } = context;
  signal.throwIfAborted();
  const started = clock.now();
  const process = await sandbox.run(command);
  // Waited for below, once its output has been read.
  process.ended.catch(() => undefined);
  const over = new AbortController();
  const live = new LiveOutput(context);
  const kept = new KeptOutput(input.max_output_kb * KIB);
  let [bytes, stopped] = [0, undefined as "timeout" | "output" | undefined];
  const stop = (why: "timeout" | "output") => {
    stopped ??= why;
    process.kill();
  };
  signal.addEventListener("abort", process.kill, { once: true });
  if (signal.aborted) process.kill();
  const telling = live.run(over.signal);
  void clock.sleep(input.timeout_seconds * SECOND, over.signal).then(() => {
    if (!over.signal.aborted) stop("timeout");
  });
  try {
    await readLines(process, (line) => {
      live.add(line.text);
      kept.add(line.text);
      bytes += line.bytes;
      if (bytes > MOST_OUTPUT) stop("output");
    });
    const end = await process.ended;
    signal.throwIfAborted();
    const duration_ms = clock.now() - started;
    const output = { output: kept.text(), output_bytes: bytes, output_cut: kept.isCut };
    return { ...describeEnd(end, stopped), duration_ms, ...output };
  } finally {
    signal.removeEventListener("abort", process.kill);
    process.kill();
    over.abort();
    await telling;
  }
}

function describeEnd(
  { code, signal, exceeded }: SandboxEnd,
  stoppedHere: "timeout" | "output" | undefined,
): Pick<Ran, "exit_code" | "stopped" | "out_of_memory"> {
  const exit_code = code ?? 128 + numberOf(signal);
  const stopped = stoppedHere ?? exceeded;
  // A SIGKILL that nobody here sent is Linux's way to say that memory ran out.
  const isKilled = exit_code === 128 + constants.signals.SIGKILL;
  const out_of_memory = stopped === "memory" || (isKilled && stopped === undefined);
  return { exit_code, ...(stopped && { stopped }), out_of_memory };
}

function numberOf(signal: string | null): number {
  return constants.signals[signal as NodeJS.Signals] ?? 0;
}
