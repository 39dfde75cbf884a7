const NEWLINE = 10;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A file with a NUL byte is binary: no text encoding that these tools read has one. */
export function isBinary(content: Uint8Array): boolean {
  return content.includes(0);
}

/** UTF-8 text, or undefined when the bytes are none. A byte order mark stays. */
export function decodeText(content: Uint8Array): string | undefined {
  try {
    return decoder.decode(content);
  } catch {
    return undefined;
  }
}

/** Newline characters: what `wc -l` counts. */
export function countNewlines(content: Uint8Array): number {
  let count = 0;
  for (let at = content.indexOf(NEWLINE); at >= 0; at = content.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Lines without their ends; an end after the last line begins no further one. */
export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
