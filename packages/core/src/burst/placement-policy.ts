import type { Placement } from "../tool/define-tool.ts";
import type { ToolContext } from "../tool/tool-context.ts";
import type { PlacementHistory } from "./placement-history.ts";

/** A call is placed here if it should end within this part of the time it has here. */
const SAFE_PART = 1 / 4;
/** What history may make of an expectation. */
const LEAST_FACTOR = 1 / 8;
const MOST_FACTOR = 16;
/** A call that took and should take less says nothing: starts and pauses weigh more. */
const NOISE_MS = 1_000;

export interface PlacementBounds {
  /** Of the tool. */
  readonly timeoutMs: number;
  /** How long a call may run here before it moves. */
  readonly hereMs: number;
  readonly tenant: string;
  readonly tool: string;
}

/** What was expected of a call that is to run here; absent: nothing is to be learnt from it. */
export interface Expectation {
  /** As the tool weighed it, in milliseconds. */
  readonly weighedMs: number;
  /** What history made of it. */
  readonly factor: number;
}

export type Placed =
  | { readonly where: "fargate" }
  | { readonly where: "lambda"; readonly expected?: Expectation };

/**
 * Where a call runs. A tool that says `lambda` stays here; one that leaves it open goes to a worker when
 * the time left here is less than its limit, or when its work, by its own reckoning and by what earlier
 * calls have shown, is more than fits here safely. History is read only where it can decide.
 */
export async function place<Input>(
  placement: Placement<Input>,
  input: Input,
  context: ToolContext,
  { timeoutMs, hereMs, tenant, tool }: PlacementBounds,
  history?: Pick<PlacementHistory, "factor">,
): Promise<Placed> {
  if (placement.kind !== "auto") return { where: placement.kind };
  if (context.deadline - context.clock.now() < timeoutMs) return { where: "fargate" };
  const weighedMs = await placement.weigh(input, context);
  const safeMs = hereMs * SAFE_PART;
  if (weighedMs * LEAST_FACTOR > safeMs) return { where: "fargate" };
  if (weighedMs * MOST_FACTOR <= safeMs) return { where: "lambda" };
  const factor = (await history?.factor(tenant, tool)) ?? 1;
  if (weighedMs * factor > safeMs) return { where: "fargate" };
  return { where: "lambda", expected: { weighedMs, factor } };
}

/** How a call that ran here went. */
export interface Experience {
  readonly tookMs: number;
  /** It did not end here. */
  readonly outgrew: boolean;
}

/**
 * The factor after a call, or undefined where it stays: what was right within a factor of two teaches
 * nothing, so that history costs no write as long as it is right. A pure rule.
 */
export function learnt(
  { weighedMs, factor }: Expectation,
  { tookMs, outgrew }: Experience,
): number | undefined {
  const shown = tookMs / Math.max(weighedMs, 1);
  // It would have taken longer still, nobody knows how much.
  if (outgrew) return bounded(Math.max(2 * shown, 2 * factor));
  if (Math.max(tookMs, weighedMs * factor) < NOISE_MS) return undefined;
  if (shown > factor / 2 && shown < factor * 2) return undefined;
  return bounded(Math.sqrt(shown * factor));
}

function bounded(factor: number): number {
  return Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, factor));
}
