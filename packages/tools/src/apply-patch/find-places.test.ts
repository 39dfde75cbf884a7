import fc from "fast-check";
import { expect, test } from "vitest";
import { applyHunks } from "./apply-hunks.ts";
import { PlaceFinder, SearchBudget } from "./find-places.ts";
import { LineStarts } from "./line-starts.ts";
import type { Hunk } from "./patch.ts";

function toHunk(oldLines: readonly string[], position = 0, newLines = oldLines): Hunk {
  return { number: 1, patchLine: 1, position, oldLines, newLines, added: 0, removed: 0 };
}

const anyLines = fc.array(fc.constantFrom("a\n", "b\n", "\n"), { maxLength: 30 });

test("lines are found wherever they stand, as by looking at every place", () => {
  fc.assert(
    fc.property(
      anyLines,
      fc.array(fc.constantFrom("a\n", "b\n", "\n", "c\n"), { minLength: 1, maxLength: 5 }),
      fc.nat(5),
      (file, wanted, skipped) => {
        const from = Math.min(skipped, file.length);
        const hunk = toHunk(wanted);
        const lines = new LineStarts(file.join(""));
        const { places, best } = new PlaceFinder(lines, [hunk], new SearchBudget()).find(
          hunk,
          from,
        );
        const countAt = (at: number) => {
          const differs = wanted.findIndex((line, offset) => file[at + offset] !== line);
          return differs < 0 ? wanted.length : differs;
        };
        const starts = [...file.keys()].filter((at) => at >= from);
        const all = starts.filter((at) => countAt(at) === wanted.length);
        expect(places).toEqual(all.slice(0, 10));
        if (places.length > 0) return;
        const most = Math.max(0, ...starts.map(countAt));
        expect(best.lines).toBe(most);
        if (most > 0) expect(countAt(best.at)).toBe(most);
      },
    ),
  );
});

test("lines begin behind each newline, and nowhere else", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "\n", "\r", "\u2028", "ä"), { maxLength: 20 }),
      (parts) => {
        const text = parts.join("");
        const lines = new LineStarts(text);
        const expected = text.split(/(?<=\n)/).filter((line) => line !== "");
        expect(Array.from({ length: lines.count }, (_, at) => lines.lineAt(at))).toEqual(expected);
        expect(lines.lineAt(lines.count)).toBeUndefined();
      },
    ),
  );
});

// Looking at every place would take 250,000 times 500,000 steps here.
test("a hunk of half a million lines that begins everywhere is looked for in one go", () => {
  const text = "a\n".repeat(500_000);
  const hunk = toHunk([...Array.from({ length: 250_000 }, () => "a\n"), "b\n"]);
  expect(() => applyHunks(text, { hunks: [hunk] }, new SearchBudget())).toThrow(
    /its first 250000 lines stand there/,
  );
});

test("20,000 hunks that are where they should be are no work", () => {
  const text = Array.from({ length: 40_000 }, (_, at) => `${at}\n`).join("");
  const hunks = Array.from({ length: 20_000 }, (_, at) =>
    toHunk([`${2 * at}\n`], 2 * at, [`${-at}\n`]),
  );
  const { text: result, moved } = applyHunks(text, { hunks }, new SearchBudget());
  expect(moved).toEqual([]);
  expect(result.slice(0, 12)).toBe("0\n1\n-1\n3\n-2\n");
});

test("many hunks that are elsewhere in a large file are refused before they take long", () => {
  const text = Array.from({ length: 200_000 }, (_, at) => `${at}\n`).join("");
  const hunks = Array.from({ length: 20_000 }, (_, at) => toHunk([`${at + 5}\n`], at, []));
  expect(() => applyHunks(text, { hunks }, new SearchBudget())).toThrow(
    expect.objectContaining({ code: "too_large" }),
  );
});
