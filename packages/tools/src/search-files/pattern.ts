import { RefusedError } from "@zenode/core";
import { RE2JS, RE2JSException } from "re2js";
import { findCandidates } from "./candidates.ts";
import { toRustPattern } from "./to-rust-pattern.ts";

export interface Pattern {
  /** For ripgrep; see `toRustPattern`. */
  readonly rust: string;
  readonly ignoreCase: boolean;
  /** Finds a text that each line that matches has; undefined: every line may match. Global, for one use at a time. */
  readonly candidates: RegExp | undefined;
  /** Whether a line, without its end, matches. Linear in the line's length. */
  readonly matches: (line: string) => boolean;
}

/**
 * Every search goes by RE2's syntax, wherever it runs.
 * @throws RefusedError `invalid_input` with the fault, for the model to mend.
 */
export function parsePattern(source: string, ignoreCase: boolean): Pattern {
  try {
    const withCase = RE2JS.compile(source);
    const compiled = ignoreCase ? RE2JS.compile(source, RE2JS.CASE_INSENSITIVE) : withCase;
    return {
      rust: toRustPattern(source),
      ignoreCase,
      candidates: findCandidates(withCase, ignoreCase),
      matches: (line) => compiled.test(line),
    };
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new RefusedError("invalid_input", `The pattern can't be used: ${cause.message}.`, {
      cause,
    });
  }
}
