import { countNewlines, decodeText, isBinary } from "../project/text-file.ts";

/** Fields of the tool's output. */
export type Examined =
  | { readonly content: "binary" | "not_utf8" }
  | {
      readonly content: "text";
      /** A last one without an end counts. */
      readonly lines: number;
      readonly line_ends: "lf" | "crlf" | "mixed" | "none";
      readonly final_newline: boolean;
    };

const RETURN = 13;
const NEWLINE = 10;

export function examineContent(bytes: Uint8Array): Examined {
  if (isBinary(bytes)) return { content: "binary" };
  if (decodeText(bytes) === undefined) return { content: "not_utf8" };
  const ends = countNewlines(bytes);
  const hasFinal = bytes.at(-1) === NEWLINE;
  return {
    content: "text",
    lines: ends + (hasFinal || bytes.length === 0 ? 0 : 1),
    line_ends: nameEnds(ends, countReturns(bytes)),
    final_newline: hasFinal,
  };
}

function nameEnds(ends: number, withReturn: number) {
  if (ends === 0) return "none";
  if (withReturn === 0) return "lf";
  return withReturn === ends ? "crlf" : "mixed";
}

/** Newlines right behind a carriage return. */
function countReturns(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(RETURN); at >= 0; at = bytes.indexOf(RETURN, at + 1)) {
    if (bytes[at + 1] === NEWLINE) count++;
  }
  return count;
}
