import type { AnyTool } from "@zenode/core";

/** Every tool of zenode, one line each. */
export const catalogue: readonly AnyTool[] = [];
