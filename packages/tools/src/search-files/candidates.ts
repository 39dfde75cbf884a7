import type { RE2JS } from "re2js";

/** RE2's own analysis of what a text must contain to match (its prefilter): a tree of and, or, and texts. */
interface Needed {
  readonly type: number;
  readonly subs: readonly Needed[];
  readonly str: string;
}

const [EXACT, AND, OR] = [1, 2, 3];

/** More texts than this, or shorter ones, sort out nothing. */
const MOST_TEXTS = 64;
const LEAST_LENGTH = 2;

/**
 * An expression that finds one of the texts that every match of a pattern must contain; undefined: there are none.
 * It is an alternation of plain texts, so that the platform's own engine, which is ten times as fast, takes time linear
 * in what it reads, and the pattern itself is tried only on lines that have one. `pattern` is compiled with regard to
 * case; without, a text that matches differs from one that matches with only in case.
 */
export function findCandidates(pattern: RE2JS, ignoreCase: boolean): RegExp | undefined {
  const texts = textsOf(pattern.re2Input.prefilter as Needed | undefined);
  if (!texts || texts.length > MOST_TEXTS || texts.some(({ length }) => length < LEAST_LENGTH)) {
    return undefined;
  }
  const source = texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|");
  return new RegExp(source, ignoreCase ? "giu" : "gu");
}

/** Texts one of which must be there; undefined: nothing must. */
function textsOf(needed: Needed | undefined): readonly string[] | undefined {
  switch (needed?.type) {
    case EXACT:
      return [needed.str];
    case OR: {
      const texts = needed.subs.map(textsOf);
      return texts.every((each) => each !== undefined) ? texts.flat() : undefined;
    }
    case AND:
      return needed.subs
        .map(textsOf)
        .filter((texts) => texts !== undefined)
        .sort((a, b) => shortest(b) - shortest(a))[0];
    default:
      return undefined;
  }
}

function shortest(texts: readonly string[]): number {
  return Math.min(...texts.map(({ length }) => length));
}
