import type { Json } from "../lib/json.ts";
import type { ToolResult } from "./tool-result.ts";

/** How a child ended: with its tool's result (which may be `isError`), or without one. */
export type ChildEnd =
  | { readonly kind: "result"; readonly result: ToolResult }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

/** Calls of other tools that a running tool spreads over further workers. */
export interface Children {
  /**
   * Calls a tool once for each item, each call on a worker of its own, and gives their ends in the
   * order of the items. Nothing starts before the first end is asked for. Children have the caller's
   * rights and can't ask anything; those still at work when the parent ends, or when the ends are no
   * longer asked for, are cancelled. A tool that runs again after an interruption finds the children
   * it has called before, the ended ones too: a child is known by step, index, tool and arguments.
   * @throws RefusedError `not_found` (no such tool), `forbidden` (its scope; children of children
   *   call none), `too_large` (over 1,000 children in all), `invalid_input` (`parallel`).
   */
  map<Item>(items: readonly Item[], plan: ChildPlan<Item>): AsyncIterable<ChildEnd>;
}

export interface ChildPlan<Item> {
  /** Name of the tool. Where it says it runs does not matter. */
  readonly tool: string;
  /** The tool's arguments for an item. Wrong ones end that child with `invalid_input`. */
  readonly input: (item: Item, index: number) => Json;
  /** Children at work at a time, 1 to 16; absent: 4. */
  readonly parallel?: number;
  /**
   * Which map of the tool's run this is; absent: one more than the one before. A tool that goes on behind
   * a map it made in an earlier attempt says so, because its later maps would be counted anew.
   */
  readonly step?: number;
  /** Told of each end as it comes, in no order. */
  readonly onResult?: (end: ChildEnd, index: number) => void;
}
