import { setTimeout as sleep } from "node:timers/promises";
import type { FaultAction } from "../faults/fault-plan.ts";
import type { Invocation } from "../gateway/lambda-invoker.ts";

/** What Lambda as a service answers: an invocation, or its own failure. */
export type Outcome = Invocation | { readonly kind: "service-error" };

/** A fault before the function runs: an answer without it, or how it is to run. */
export type Interference =
  | { readonly kind: "refused"; readonly outcome: Outcome }
  | { readonly kind: "run"; readonly killAfterMs?: number };

/** Applies a fault drawn for an invocation; waits where it says so. */
export async function interfere(action: FaultAction | undefined): Promise<Interference> {
  switch (action?.kind) {
    case "throttle":
      return { kind: "refused", outcome: { kind: "throttled" } };
    case "error":
      return { kind: "refused", outcome: { kind: "service-error" } };
    case "delay":
      await sleep(action.ms);
      return { kind: "run" };
    case "kill":
      return { kind: "run", killAfterMs: action.afterMs };
    // Faults of other services' answers; armed for Lambda they change nothing.
    case "lose-answer":
    case "tear":
    case "stall":
    case "no-capacity":
    case "spot-interruption":
    case "duplicate":
    case undefined:
      return { kind: "run" };
  }
}
