import { RefusedError } from "@zenode/core";
import { RE2JS, RE2JSException } from "re2js";
import { toRustPattern } from "./to-rust-pattern.ts";

export interface Pattern {
  /** For ripgrep; see `toRustPattern`. */
  readonly rust: string;
  readonly ignoreCase: boolean;
  /** Whether a line, without its end, matches. Linear in the line's length. */
  readonly matches: (line: string) => boolean;
}

/**
 * Every search goes by RE2's syntax, wherever it runs.
 * @throws RefusedError `invalid_input` with the fault, for the model to mend.
 */
export function parsePattern(source: string, ignoreCase: boolean): Pattern {
  try {
    const compiled = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    return { rust: toRustPattern(source), ignoreCase, matches: (line) => compiled.test(line) };
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new RefusedError("invalid_input", `The pattern can't be used: ${cause.message}.`, {
      cause,
    });
  }
}
