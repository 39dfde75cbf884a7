import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "@zenode/emulator";
import { postModern } from "../harness/wire.ts";
import type { FaultPath } from "./observers/fault-path.ts";
import type { RunObserver } from "./observers/run-observer.ts";
import { type Act, STRIKES, type StrikeKind } from "./scenarios.ts";
import { strike } from "./strikes.ts";

const LOOK_MS = 25;

/** Name of a run's first call; those of another tenant have other numbers in front. */
export const FIRST_CALL = "0.0";

/** What acts reach for, besides the path. */
export interface Acting {
  readonly run: RunObserver;
  readonly random: () => number;
  /** Of the user whose call is cancelled. */
  readonly token: string;
  /** Aborts when the clients have their answers. */
  readonly over: AbortSignal;
}

/** Does what was planned, each at its time; gives how often something was there to be hit. */
export async function carryOut(acts: readonly Act[], acting: Acting): Promise<number> {
  const strikes = acts.filter(isStrike);
  const others = acts.filter((act) => !isStrike(act) && act.kind !== "leave");
  const done = await Promise.all([
    inTurn(strikes, acting),
    ...others.map((act) => unlessOver(() => interfere(act, acting), acting.over)),
  ]);
  return done.reduce((sum, hits) => sum + hits, 0);
}

function isStrike(act: Act): act is Act & { readonly kind: StrikeKind } {
  return (STRIKES as readonly string[]).includes(act.kind);
}

/** One worker after the other: each strike waits for one that has not been hit yet. */
async function inTurn(strikes: readonly Parameters<typeof strike>[0][], acting: Acting) {
  let hits = 0;
  for (const act of strikes) hits += await unlessOver(() => strike(act, acting), acting.over);
  return hits;
}

async function unlessOver(work: () => Promise<number>, over: AbortSignal): Promise<number> {
  try {
    return await work();
  } catch (cause) {
    if (over.aborted && cause instanceof Error && cause.name === "AbortError") return 0;
    throw cause;
  }
}

async function interfere(act: Act, acting: Acting): Promise<number> {
  const { run, random, over } = acting;
  const { cloud } = run.path.local;
  await delay(act.afterMs, undefined, { signal: over });
  switch (act.kind) {
    case "lambda": {
      const busy = cloud.lambda
        .processes()
        .filter((one) => one.function === "mcp" && one.state === "busy");
      const doomed = busy[Math.floor(random() * busy.length)];
      return doomed ? Number(cloud.lambda.kill(doomed.pid)) : 0;
    }
    case "duplicate":
      return duplicate(run.path, act.times);
    case "cancel":
      return cancel(acting);
    default:
      return 0;
  }
}

/** The next task state changes come twice, and messages of queues where there are any. */
function duplicate({ local, faults, hasWatch }: FaultPath, times: number): number {
  local.cloud.events.duplicate(times);
  const messages = { service: "sqs", action: { kind: "duplicate" }, times };
  // The emulator's plan knows this service once it has queues.
  if (hasWatch) faults.add(messages as unknown as Fault);
  return times;
}

/** As a client with the tasks extension would, once the job is there. */
async function cancel({ run, over, token }: Acting): Promise<number> {
  for (;;) {
    const [job] = run.jobs(FIRST_CALL);
    if (job !== undefined) {
      run.cancelled.push(job);
      const options = { token, tasks: true, signal: over };
      const response = await postModern(
        run.path.local.mcpUrl,
        "tasks/cancel",
        { taskId: job },
        options,
      );
      await response.text();
      return 1;
    }
    await delay(LOOK_MS, undefined, { signal: over });
  }
}
