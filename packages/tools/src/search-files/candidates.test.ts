import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { findCandidates } from "./candidates.ts";

const candidatesOf = (pattern: string, ignoreCase = false) =>
  findCandidates(RE2JS.compile(pattern), ignoreCase)?.toString();

test.each<[string, string | undefined]>([
  ["TODO", "/TODO/gu"],
  ["TODO|FIXME", "/TODO|FIXME/gu"],
  ["async function \\w+Stream", "/async function /gu"],
  ["(get|set)Value\\(", "/Value\\(/gu"],
  ["a.b*c{}", "/c\\{\\}/gu"],
  ["größe😀", "/größe😀/gu"],
  // Nothing that must be there, or too little to sort lines out.
  ["[0-9]+", undefined],
  ["x", undefined],
  ["(foo)?", undefined],
  ["foo|[0-9]", undefined],
  ["(?i)foo", undefined],
  ["", undefined],
])("what %j must contain", (pattern, expected) => {
  expect(candidatesOf(pattern)).toBe(expected);
});

test("without regard to case, texts of any case are candidates", () => {
  expect(candidatesOf("kelvin", true)).toBe("/kelvin/giu");
  const candidates = findCandidates(RE2JS.compile("kelvin"), true);
  expect("0 \u212aELVIN".search(candidates as RegExp)).toBe(2);
});

test("every line that matches has a candidate", () => {
  const atoms = ["one", "Two", "K", "\u212aß", "ſt", ".", "\\w", "[a-n]", "\\b", "^", "$", "é😀"];
  const piece = fc
    .tuple(fc.constantFrom(...atoms), fc.constantFrom("", "", "", "?", "*", "+", "{2}"))
    .map((parts) => parts.join(""));
  const sequence = fc.array(piece, { minLength: 1, maxLength: 4 }).map((all) => all.join(""));
  const pattern = fc.oneof(
    sequence,
    fc.tuple(sequence, sequence, sequence).map(([a, b, c]) => `${a}(?:${b}|${c})`),
  );
  const word = fc.constantFrom(
    "one",
    "ONE",
    "two",
    "k",
    "\u212a",
    "ss",
    "ß",
    "ẞ",
    "st",
    "é😀",
    " ",
  );
  const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(""));
  fc.assert(
    fc.property(pattern, line, fc.boolean(), (source, text, ignoreCase) => {
      const matches = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0).test(text);
      const candidates = findCandidates(RE2JS.compile(source), ignoreCase);
      if (matches && candidates) expect(text).toMatch(candidates);
    }),
    { numRuns: 3_000 },
  );
});
