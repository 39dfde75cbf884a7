import { expect } from "vitest";
import type { LocalPath } from "./local-path.ts";

/** Stack traces, Node's own modules, and places on this machine. */
const INSIDES =
  /\n\s+at |\\n\s+at |\bnode:internal|\.[cm]?[jt]s:\d+|\/(work|tmp|home|root|usr)\/\w/;

/** What is told to a client must not tell of the server's insides. */
export function expectClean(text: string): void {
  expect(text).not.toMatch(INSIDES);
}

/** Error lines of our functions and workers: a refusal is none. */
export function errorLines(local: LocalPath): string[] {
  return local.logs
    .map(({ text }) => String(text ?? ""))
    .filter((text) => text.includes('"level":"error"'));
}
