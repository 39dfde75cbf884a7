import { MIB } from "../lib/bytes.ts";
import { byteLength, endOfPiece, INLINE_TEXT_BYTES } from "../tool/cut-text.ts";
import { INLINE_MEDIA_BYTES, MAX_PARTS, PART_BYTES, RESULT_BYTES } from "../tool/result-limits.ts";
import type { Content, ToolResult } from "../tool/tool-result.ts";
import type { StoredPart } from "./job.ts";

/** A part with its content, to be stored. */
export type Part = StoredPart & { readonly text: string };

/** A result that fits into an answer, and what did not. */
export type CutResult =
  | { readonly kind: "whole" }
  | {
      readonly kind: "cut";
      /** The beginning of the result's text; all of it where no `text` part is stored. */
      readonly head: string;
      /** Characters of the result's text. */
      readonly characters: number;
      /** What goes with the head. */
      readonly kept: readonly Content[];
      readonly structured: ToolResult["structured"];
      readonly parts: readonly Part[];
    }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Decides what of a result goes into the answer. Its text is its text blocks, a line each; where it is
 * too long its beginning stays, and the whole of it is stored in parts. Other blocks, and structured
 * content, stay or are stored as they are. `promised`: clients were told of an output schema, and
 * would refuse an answer without structured content.
 */
export function cutResult(result: ToolResult, promised: boolean): CutResult {
  const structured = result.structured && JSON.stringify(result.structured);
  const bytes = sizeOf(result.content) + byteLength(structured ?? "");
  if (bytes > RESULT_BYTES) return { kind: "refused", reason: tooManyBytes(bytes) };
  const keepsStructured =
    promised || structured === undefined || byteLength(structured) <= INLINE_TEXT_BYTES;
  const { kept, stored } = sortOut(result.content);
  const text = toText(result.content);
  const budget = INLINE_TEXT_BYTES - sizeOf(kept.filter(({ type }) => !isMedia(type)));
  const fits = byteLength(text) <= budget;
  if (fits && keepsStructured && stored.length === 0) return { kind: "whole" };
  const parts = [
    ...(fits ? [] : toParts(text, { kind: "text", mimeType: "text/plain" })),
    ...stored.flatMap(storeContent),
    ...(keepsStructured ? [] : toParts(structured, JSON_DOCUMENT)),
  ];
  if (parts.length > MAX_PARTS) return { kind: "refused", reason: TOO_MANY_PARTS };
  return {
    kind: "cut",
    head: fits ? text : text.slice(0, endOfPiece(text, 0, { bytes: budget })),
    characters: text.length,
    kept,
    structured: keepsStructured ? result.structured : undefined,
    parts,
  };
}

/** A result's text, as it is read in pages. */
export function toText(content: readonly Content[]): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}

const JSON_DOCUMENT = { kind: "document", mimeType: "application/json" } as const;

/** Half of what an answer holds is the text's, whatever else there is. */
function sortOut(content: readonly Content[]): {
  readonly kept: readonly Content[];
  readonly stored: readonly Content[];
} {
  let text = INLINE_TEXT_BYTES / 2;
  let media = INLINE_MEDIA_BYTES;
  const kept: Content[] = [];
  const stored: Content[] = [];
  for (const block of content) {
    if (block.type === "text") continue;
    const bytes = sizeOf([block]);
    const fits = bytes <= (isMedia(block.type) ? media : text);
    (fits ? kept : stored).push(block);
    if (!fits) continue;
    if (isMedia(block.type)) media -= bytes;
    else text -= bytes;
  }
  return { kept, stored };
}

function isMedia(type: Content["type"]): boolean {
  return type === "image" || type === "audio";
}

function sizeOf(content: readonly Content[]): number {
  return content.reduce((sum, block) => sum + sizeOfBlock(block), 0);
}

function sizeOfBlock(block: Content): number {
  switch (block.type) {
    case "text":
      return byteLength(block.text);
    case "image":
    case "audio":
      return block.data.length;
    case "resource":
      return "text" in block.resource
        ? byteLength(block.resource.text)
        : block.resource.blob.length;
    case "resource_link":
      return byteLength(block.uri) + byteLength(block.name);
  }
}

function storeContent(block: Content): readonly Part[] {
  switch (block.type) {
    case "image":
    case "audio":
      return toParts(block.data, { kind: "blob", mimeType: block.mimeType });
    case "resource": {
      const { resource } = block;
      if ("text" in resource) {
        return toParts(resource.text, {
          kind: "document",
          mimeType: resource.mimeType ?? "text/plain",
        });
      }
      const { blob, mimeType = "application/octet-stream" } = resource;
      return toParts(blob, { kind: "blob", mimeType });
    }
    default:
      return toParts(JSON.stringify(block), JSON_DOCUMENT);
  }
}

/** Base64 is cut between groups of four characters, so that each part is base64 by itself. */
function toParts(text: string, as: Pick<StoredPart, "kind" | "mimeType">): readonly Part[] {
  const parts: Part[] = [];
  for (let start = 0; start < text.length; ) {
    const end =
      as.kind === "blob" ? start + PART_BYTES : endOfPiece(text, start, { bytes: PART_BYTES });
    const piece = text.slice(start, end);
    const bytes = as.kind === "blob" ? bytesOfBase64(piece) : byteLength(piece);
    parts.push({ ...as, characters: piece.length, bytes, text: piece });
    start = end;
  }
  return parts;
}

function bytesOfBase64(base64: string): number {
  return Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
}

function tooManyBytes(bytes: number): string {
  return `a result of ${Math.ceil(bytes / MIB)} MiB; at most ${RESULT_BYTES / MIB} MiB are kept`;
}

const TOO_MANY_PARTS = `a result of more than ${MAX_PARTS} large parts`;
