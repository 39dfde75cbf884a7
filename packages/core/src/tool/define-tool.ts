import type { Scope } from "../access/scope.ts";
import type { OutputOf, Schema } from "./schema.ts";
import type { ToolContext } from "./tool-context.ts";
import type { ToolResult } from "./tool-result.ts";

/** Hints of MCP's `ToolAnnotations`. */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/**
 * Where a call runs: always in Lambda, always on a worker, or decided by the size of the work.
 * `weigh` tells how many milliseconds the call should take in Lambda, from facts that cost little (a
 * snapshot's totals), before the tool runs; what earlier calls took corrects it. Of the last
 * kind a call that outgrows Lambda is interrupted there and made again on a worker, from its checkpoint
 * or its start: what it does must be harmless to repeat from there.
 */
export type Placement<Input> =
  | { readonly kind: "lambda" }
  | { readonly kind: "fargate" }
  | {
      readonly kind: "auto";
      readonly weigh: (input: Input, context: ToolContext) => Promise<number>;
    };

export interface ToolLimits {
  /** Milliseconds a call may take where it runs. */
  readonly timeoutMs: number;
  /** Bytes of the arguments as JSON. */
  readonly inputBytes?: number;
  /** Of its worker, rounded up to the next size Fargate has: CPU units (1024 = 1 vCPU), MiB, GiB. */
  readonly cpu?: number;
  readonly memoryMb?: number;
  readonly diskGb?: number;
}

export type ToolRun<Input> = (input: Input, context: ToolContext) => Promise<ToolResult>;

export interface Tool<Input = never> {
  /** snake_case, as models see it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Schema<Input>;
  readonly output?: Schema;
  readonly annotations: ToolAnnotations;
  /** The scope a caller needs. */
  readonly scope: Scope;
  readonly placement: Placement<Input>;
  readonly limits: ToolLimits;
  /**
   * All that a result depends on beside the arguments, as a text: the snapshot that is read, say. Who makes
   * the same call again shortly after its job went well, with an equal basis, gets that result and no second
   * run. Only for a tool that changes nothing and asks nobody; absent: every call runs. It costs little, and
   * throws what the tool itself would throw.
   */
  readonly basis?: (input: Input, context: ToolContext) => Promise<string>;
  /**
   * `required`: the tool runs only as a task (clients without the tasks extension get -32021);
   * absent: a task where the client can, a stream elsewhere.
   */
  readonly task?: "required";
  /** Imports the implementation when the tool is first called, so that it never burdens a cold start. */
  readonly load: () => Promise<ToolRun<Input>>;
}

/** A tool of any input, as lists hold it. The input it runs on was validated by its own schema. */
// biome-ignore lint/suspicious/noExplicitAny: a list of tools of different inputs has no narrower type (contravariance)
export type AnyTool = Tool<any>;

/** Declares a tool. The types of `weigh` and `load` follow from the input schema. */
export function defineTool<S extends Schema>(
  tool: Omit<Tool<OutputOf<S>>, "input"> & { readonly input: S },
): Tool<OutputOf<S>> {
  return tool as Tool<OutputOf<S>>;
}
