import type { Match } from "./search.ts";

/** Text, or bytes in base64 where it is not UTF-8. */
type Data = { readonly text: string } | { readonly bytes: string };

type Message =
  | {
      readonly type: "match";
      readonly data: { readonly path: Data; readonly lines: Data; readonly line_number: number };
    }
  | { readonly type: "end"; readonly data: { readonly binary_offset: number | null } }
  | { readonly type: "begin" | "context" | "summary" };

export type RipgrepEvent =
  | { readonly kind: "match"; readonly match: Match }
  | { readonly kind: "end"; readonly binary: boolean };

/**
 * A line of `rg --json` (documented in rg's manual under --json and in the crate grep-printer),
 * undefined for what does not matter here. ripgrep is our own child: its output is trusted.
 */
export function parseRipgrepLine(line: string): RipgrepEvent | undefined {
  const message = JSON.parse(line) as Message;
  if (message.type === "end") return { kind: "end", binary: message.data.binary_offset !== null };
  if (message.type !== "match") return undefined;
  const { path, lines, line_number } = message.data;
  if (!("text" in path) || !("text" in lines)) return undefined;
  return {
    kind: "match",
    match: {
      path: path.text.replace(/^(\.\/)+/, ""),
      line: line_number,
      text: lines.text.replace(/\n$/, ""),
    },
  };
}
