import type { JsonObject } from "../lib/json.ts";

/** Content as MCP's `ContentBlock` (specification, server/tools). `data` and `blob` are base64. */
export type Content =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image" | "audio"; readonly data: string; readonly mimeType: string }
  | { readonly type: "resource"; readonly resource: EmbeddedResource }
  | {
      readonly type: "resource_link";
      readonly uri: string;
      readonly name: string;
      readonly mimeType?: string;
      readonly size?: number;
    };

export type EmbeddedResource =
  | { readonly uri: string; readonly mimeType?: string; readonly text: string }
  | { readonly uri: string; readonly mimeType?: string; readonly blob: string };

/** What a call returns. `structured` is validated against the tool's output schema. */
export interface ToolResult {
  readonly content: readonly Content[];
  readonly structured?: JsonObject;
  readonly isError?: boolean;
}

/** A result of one text. */
export function text(value: string): ToolResult {
  return { content: [{ type: "text", text: value }] };
}

/** Structured data with a text that says the same to a model that reads only text. */
export function structured(data: JsonObject, summary: string): ToolResult {
  return { content: [{ type: "text", text: summary }], structured: data };
}

/** The call failed in a way the model can mend: the text says how. */
export function failure(message: string): ToolResult {
  return { content: [{ type: "text", text: message }], isError: true };
}
