export * from "./define-tool.ts";
export * from "./input-answer.ts";
export * from "./input-request.ts";
export * from "./registry.ts";
export * from "./run-tool.ts";
export * from "./schema.ts";
export * from "./tool-context.ts";
export * from "./tool-result.ts";
