import { KIB } from "@zenode/core";
import { splitLines } from "../project/text-file.ts";
import type { Match } from "./search.ts";

/** Of one line; minified code has lines of megabytes. */
const MAX_LINE = 500;
/** Of the whole text. */
const MAX_TEXT = 256 * KIB;

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** A line as it is shown: without a carriage return, and not longer than is useful. */
export function toShownLine(text: string): string {
  const line = text.replace(/\r$/, "");
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE).toWellFormed()}…` : line;
}

/**
 * Matches as grep writes them: `path:12:text`, lines around them `path-11-text`, `--` between groups.
 * @param read content of a file with matches; called only when context lines are asked for
 */
export async function formatMatches(
  matches: readonly Match[],
  context: number,
  read: (path: string) => Promise<Uint8Array>,
): Promise<string> {
  let text = "";
  for (const [path, found] of Map.groupBy(matches, (match) => match.path)) {
    const separator = text !== "" && context > 0 ? "--\n" : "";
    const lines =
      context === 0
        ? found.map(({ line, text: shown }) => `${path}:${line}:${toShownLine(shown)}`)
        : formatWithContext(found, context, splitLines(lossy.decode(await read(path))));
    text += `${separator}${lines.join("\n")}\n`;
    if (text.length > MAX_TEXT) return `${text.slice(0, MAX_TEXT).toWellFormed()}\n… cut.\n`;
  }
  return text;
}

function formatWithContext(
  found: readonly Match[],
  context: number,
  lines: readonly string[],
): readonly string[] {
  const matched = new Set(found.map(({ line }) => line));
  const path = found[0]?.path ?? "";
  const formatted: string[] = [];
  let shown = 0;
  for (const { line } of found) {
    const from = Math.max(shown + 1, line - context);
    if (shown > 0 && from > shown + 1) formatted.push("--");
    shown = Math.max(shown, Math.min(lines.length, line + context));
    for (let number = from; number <= shown; number++) {
      const mark = matched.has(number) ? ":" : "-";
      formatted.push(`${path}${mark}${number}${mark}${toShownLine(lines[number - 1] ?? "")}`);
    }
  }
  return formatted;
}
