import * as fc from "fast-check";

/** Values that parsers, key builders and `switch` statements have stumbled over. */
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  Number.MAX_SAFE_INTEGER + 2,
  "",
  " ",
  "\0",
  "\ud800",
  "\u{1f600}",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "%2e%2e%2f",
  "'; DROP TABLE x; --",
  "\r\nSet-Cookie: a=b",
  [],
  {},
  [[]],
  { toString: 1 },
];

/** Long texts: keys and items have limits. */
const longText = fc
  .tuple(fc.constantFrom("a", "é", "\u{1f600}", "/", "%"), fc.constantFrom(300, 3_000, 500_000))
  .map(([character, times]) => character.repeat(times));

/** Deeper than any recursion over it should go. */
const deep = fc.constantFrom(50, 2_000, 60_000).map((depth) => new Deep(depth));

/** Stands for nested arrays, since making JSON of them would itself recurse. */
export class Deep {
  readonly depth: number;

  constructor(depth: number) {
    this.depth = depth;
  }
}

export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...ODD) },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: longText },
  { weight: 1, arbitrary: deep },
);

/** JSON of a value with `Deep` in it. */
export function toJson(value: unknown): string {
  const nested: string[] = [];
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (!(part instanceof Deep)) return part;
    nested.push("[".repeat(part.depth) + "]".repeat(part.depth));
    return `{deep-${nested.length - 1}}`;
  });
  return nested.reduce((all, one, index) => all.replace(`"{deep-${index}}"`, one), text ?? "null");
}
