import { DAY } from "../lib/duration.ts";

/**
 * What a tool's calls in Lambda have shown: how many times longer they take than `weigh` expects, for
 * one tenant. A hint that may be lost, never a condition of a call.
 */
export interface PlacementHistory {
  /** 1 where nothing is known. */
  factor(tenant: string, tool: string): Promise<number>;
  /** Replaces the factor that was read; somebody who has replaced it meanwhile knows more. */
  learn(tenant: string, tool: string, change: FactorChange): Promise<void>;
}

export interface FactorChange {
  /** As it was read. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How long a factor holds. Then the tool is tried anew: files, code and machines change. */
export const HISTORY_MS = DAY;
