import type { Placement } from "../tool/define-tool.ts";
import type { ToolContext } from "../tool/tool-context.ts";

/**
 * Where a call runs. A tool that says `lambda` stays here; one that leaves it open goes to a worker
 * when its work is heavy, or when the time left here is less than its limit.
 */
export async function place<Input>(
  placement: Placement<Input>,
  input: Input,
  context: ToolContext,
  timeoutMs: number,
): Promise<"lambda" | "fargate"> {
  switch (placement.kind) {
    case "lambda":
    case "fargate":
      return placement.kind;
    case "auto":
      if (context.deadline - context.clock.now() < timeoutMs) return "fargate";
      return placement.weigh(input, context);
  }
}
