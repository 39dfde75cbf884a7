import type { Clock } from "../lib/clock.ts";
import { SECOND } from "../lib/duration.ts";
import type { Json } from "../lib/json.ts";
import { Interruption } from "../tool/interruption.ts";
import { runTool } from "../tool/run-tool.ts";
import type { ToolContext } from "../tool/tool-context.ts";
import type { HereCaller, HereEnd, ToolCall } from "./call-service.ts";
import { toCheckpointText } from "./checkpoint.ts";
import type { Job, JobInput } from "./job.ts";

/** How long a call that may move runs here before it does. */
export const HERE_MS = 20 * SECOND;
/** What an outgrown tool has for a checkpoint. */
const GRACE_MS = 2 * SECOND;
/** Before the deadline: the grace, storing the job, and saying so. */
const MARGIN_MS = 5 * SECOND;

/** What a call takes along that goes on elsewhere. */
export type Carried = Pick<Job, "inputs"> & Partial<Pick<Job, "checkpoint">>;

export interface HerePlace {
  readonly clock: Clock;
  readonly context: Pick<ToolContext, "principal" | "projects" | "transfers">;
  readonly hereMs: number;
  /** Makes a job of the call; absent: it ends here. */
  readonly move?: (carried: Carried) => Promise<Job>;
}

/**
 * Runs a call's tool in this process. One that outgrows it is interrupted and moves, with its
 * checkpoint and the answers it has had since. @throws what the tool or `move` throws.
 */
export async function runInPlace(
  { tool, input, deadline }: ToolCall,
  { clock, context, hereMs, move }: HerePlace,
  { caller, signal }: { readonly caller: HereCaller; readonly signal: AbortSignal },
): Promise<HereEnd> {
  const outgrown = new AbortController();
  const ended = new AbortController();
  const run = new HereRun(caller, outgrown.signal);
  const { progress, log } = caller;
  const { ask, checkpoint } = run;
  const both = AbortSignal.any([signal, outgrown.signal]);
  const outgrow = async () => {
    const left = Math.min(hereMs, deadline - MARGIN_MS - clock.now());
    await clock.sleep(left, ended.signal);
    if (!ended.signal.aborted) outgrown.abort(new Interruption("moved", GRACE_MS));
  };
  if (move) void outgrow();
  try {
    const whole = { ...context, clock, signal: both, progress, log, ask, checkpoint };
    const { result, stopped } = await runTool(tool, input, whole, deadline);
    const moves = move && stopped && outgrown.signal.aborted && !signal.aborted;
    if (!moves) return { kind: "result", result };
    // From here on it can't ask any more, so either the client is asked or the call moves.
    return caller.isWaiting ? { kind: "waiting" } : { kind: "moved", job: await move(run.carried) };
  } finally {
    ended.abort();
  }
}

/** What a run has come to, kept in hand: nothing of it is stored unless the call moves. */
class HereRun {
  readonly #caller: HereCaller;
  readonly #outgrown: AbortSignal;
  #checkpoint: { readonly state: Json; readonly answered: number } | undefined;

  constructor(caller: HereCaller, outgrown: AbortSignal) {
    this.#caller = caller;
    this.#outgrown = outgrown;
  }

  /** A checkpoint closes off the questions before it. */
  get carried(): Carried {
    const inputs: readonly JobInput[] = this.#caller.answered;
    if (!this.#checkpoint) return { inputs };
    const { state, answered } = this.#checkpoint;
    return { inputs: inputs.slice(answered), checkpoint: state };
  }

  readonly ask: ToolContext["ask"] = async (request) => {
    this.#outgrown.throwIfAborted();
    return this.#caller.ask(request);
  };

  readonly checkpoint: ToolContext["checkpoint"] = async (state) => {
    const kept = JSON.parse(toCheckpointText(state)) as Json;
    this.#checkpoint = { state: kept, answered: this.#caller.answered.length };
  };
}
