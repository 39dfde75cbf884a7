export * from "./children.ts";
export * from "./command.ts";
export {
  betweenCharacters,
  byteLength,
  endOfPiece,
  INLINE_TEXT_BYTES,
  type PieceLimit,
} from "./cut-text.ts";
export * from "./define-tool.ts";
export * from "./importer.ts";
export * from "./input-answer.ts";
export * from "./input-request.ts";
export * from "./interruption.ts";
export * from "./registry.ts";
export * from "./result-limits.ts";
export * from "./run-tool.ts";
export * from "./sandbox.ts";
export * from "./schema.ts";
export * from "./tool-context.ts";
export {
  type Content,
  type EmbeddedResource,
  failure,
  structured,
  type ToolResult,
  text,
} from "./tool-result.ts";
export * from "./worker-size.ts";
