import { allows, toOAuthScope } from "../access/scope.ts";
import { RefusedError } from "../lib/error.ts";
import type { Json } from "../lib/json.ts";
import type { ChildEnd, ChildPlan, Children } from "../tool/children.ts";
import type { AnyTool } from "../tool/define-tool.ts";
import type { ToolRegistry } from "../tool/registry.ts";
import { checkInputSize, parseInput } from "../tool/run-tool.ts";
import { mayHaveChildren } from "./child-depth.ts";
import type { Job } from "./job.ts";
import { mapInOrder } from "./map-in-order.ts";
import { Places } from "./places.ts";

/** Of one parent, in all its attempts. */
export const MAX_CHILDREN = 1000;
const MAX_PARALLEL = 16;
const PARALLEL = 4;

/** One child to run: its tool is there and allowed, its arguments passed the schema. */
export interface ChildOrder {
  readonly tool: AnyTool;
  readonly sent: Json;
  /** The validated arguments (the schema's output). */
  readonly input: unknown;
  readonly step: number;
  readonly index: number;
}

export interface ChildMapsOptions {
  readonly registry: ToolRegistry;
  readonly parent: Pick<Job, "principal" | "parent">;
  /** Aborts when the parent is to stop. */
  readonly signal: AbortSignal;
  /** Runs a child to its end. Throws only when the parent can't go on. */
  readonly run: (order: ChildOrder, signal: AbortSignal) => Promise<ChildEnd>;
}

/** What every parent's maps have in common, wherever its children run. */
export class ChildMaps implements Children {
  readonly #options: ChildMapsOptions;
  /** Several maps at once share these. */
  readonly #places = new Places(MAX_PARALLEL);
  #step = 0;
  #called = 0;

  constructor(options: ChildMapsOptions) {
    this.#options = options;
  }

  map<Item>(items: readonly Item[], plan: ChildPlan<Item>): AsyncGenerator<ChildEnd> {
    // Counted as the tool calls it, not when it comes to run: so an attempt counts as the one before did.
    this.#step = plan.step ?? this.#step + 1;
    return this.#map(items, plan, this.#step);
  }

  async *#map<Item>(items: readonly Item[], plan: ChildPlan<Item>, step: number) {
    const tool = this.#tool(plan.tool);
    const parallel = checkParallel(plan.parallel ?? PARALLEL);
    this.#count(items.length);
    yield* mapInOrder(items, {
      parallel,
      signal: this.#options.signal,
      run: async (item, index, signal) => {
        const sent = plan.input(item, index);
        const end = await this.#runOne({ tool, sent, step, index }, signal);
        plan.onResult?.(end, index);
        return end;
      },
    });
  }

  /** @throws RefusedError `forbidden`, `not_found`. */
  #tool(name: string): AnyTool {
    const { registry, parent } = this.#options;
    if (!mayHaveChildren(parent)) {
      throw new RefusedError("forbidden", "A child of a child can't call further children.");
    }
    const tool = registry.get(name);
    if (!tool) throw new RefusedError("not_found", `There is no tool ${name}.`);
    if (!allows(parent.principal.scopes, tool.scope)) {
      throw new RefusedError("forbidden", `${name} needs the scope ${toOAuthScope(tool.scope)}.`);
    }
    return tool;
  }

  #count(more: number): void {
    this.#called += more;
    if (this.#called > MAX_CHILDREN) throw tooManyChildren();
  }

  async #runOne(order: Omit<ChildOrder, "input">, signal: AbortSignal): Promise<ChildEnd> {
    const checked = await check(order);
    if ("end" in checked) return checked.end;
    return this.#places.use(signal, () => this.#options.run({ ...order, ...checked }, signal));
  }
}

async function check({
  tool,
  sent,
}: Pick<ChildOrder, "tool" | "sent">): Promise<{ end: ChildEnd } | { input: unknown }> {
  try {
    checkInputSize(tool, sent);
    return { input: await parseInput<unknown>(tool.input, sent) };
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw cause;
    return { end: { kind: "error", code: cause.code, message: cause.message } };
  }
}

function checkParallel(parallel: number): number {
  if (Number.isInteger(parallel) && parallel >= 1 && parallel <= MAX_PARALLEL) return parallel;
  throw new RefusedError("invalid_input", `parallel is 1 to ${MAX_PARALLEL}, not ${parallel}.`);
}

export function tooManyChildren(): RefusedError {
  return new RefusedError(
    "too_large",
    `A call may have ${MAX_CHILDREN} children at most. Give each of them more to do.`,
  );
}
