import { expect, test } from "vitest";
import { KeptOutput } from "./kept-output.ts";
import { LiveOutput } from "./live-output.ts";
import { readLines } from "./output-lines.ts";

async function* chunks(...texts: readonly (string | Uint8Array)[]) {
  for (const text of texts) yield typeof text === "string" ? new TextEncoder().encode(text) : text;
}

async function linesOf(stdout: AsyncIterable<Uint8Array>, stderr = chunks()) {
  const lines: (readonly [text: string, bytes: number])[] = [];
  await readLines({ stdout, stderr }, ({ text, bytes }) => lines.push([text, bytes]));
  return lines;
}

test("lines are whole however they come, without their ends, and count as what was written", async () => {
  expect(await linesOf(chunks("on", "e\ntwo\r\n", "\nlast"))).toEqual([
    ["one", 9],
    ["two", 0],
    ["", 5],
    ["last", 0],
  ]);
});

test("lines of standard error are marked", async () => {
  expect(await linesOf(chunks(), chunks("oh no\n"))).toEqual([["[stderr] oh no", 6]]);
});

test("a character that lies in two chunks is one, and what is no text is replaced", async () => {
  const euro = new TextEncoder().encode("€");
  expect(await linesOf(chunks(euro.slice(0, 1), euro.slice(1), Uint8Array.of(0xff)))).toEqual([
    ["€\ufffd", 4],
  ]);
});

test("a line without end comes in pieces, and not at its end", async () => {
  const pieces = (await linesOf(chunks("x".repeat(20_000)))).map(([text]) => text.length);
  expect(pieces).toEqual([8_192, 8_192, 3_616]);
});

test("a short output is kept whole", () => {
  const kept = new KeptOutput(100);
  for (const line of ["a", "", "b"]) kept.add(line);
  expect([kept.text(), kept.isCut]).toEqual(["a\n\nb", false]);
});

test("of a long output the beginning and the end are kept, and how much is missing", () => {
  const kept = new KeptOutput(20);
  for (let at = 0; at < 10_000; at += 1) kept.add(String(at).padStart(4, "0"));
  expect([kept.text(), kept.isCut]).toEqual([
    "0000\n0001\n[… 9996 lines left out …]\n9998\n9999",
    true,
  ]);
});

/** Tells what a caller is told of lines that come between two pauses. */
async function toldOf(batches: readonly (readonly string[])[]) {
  const told: (readonly [number, string | undefined])[] = [];
  const over = new AbortController();
  const left = [...batches];
  const live: LiveOutput = new LiveOutput({
    progress: (progress, _, message) => told.push([progress, message]),
    clock: {
      now: () => 0,
      sleep: async () => {
        for (const line of left.shift() ?? []) live.add(line);
        if (left.length === 0) over.abort();
      },
    },
  });
  await live.run(over.signal);
  return told;
}

test("a few lines are told one by one, many together, and progress only grows", async () => {
  const many = Array.from({ length: 30 }, (_, at) => `line ${at}`);
  expect(await toldOf([["a", "b"], [], many, ["end"]])).toEqual([
    [1, "a"],
    [2, "b"],
    [32, many.join("\n")],
    [33, "end"],
  ]);
});

test("an endless output is told up to a bound, then only that it goes on", async () => {
  const flood = Array.from({ length: 10_000 }, () => "x".repeat(100));
  const told = await toldOf(Array.from({ length: 100 }, () => flood));
  const characters = told.reduce((sum, [, message = ""]) => sum + message.length, 0);
  expect(characters).toBeLessThan(270_000);
  expect(told.at(-1)).toEqual([1_000_000, "1000000 lines so far"]);
});
