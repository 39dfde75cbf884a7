import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY } from "../lib/duration.ts";
import { byteLength, endOfPiece, INLINE_TEXT_BYTES } from "../tool/cut-text.ts";
import { PART_BYTES } from "../tool/result-limits.ts";
import { type Content, failure, type ToolResult, text } from "../tool/tool-result.ts";
import { InProcessResults } from "./in-process-results.ts";
import type { ResultOutcome } from "./job.ts";
import { keepResult } from "./keep-result.ts";
import { type AskedPage, readPage } from "./read-result.ts";

const ID = `task_${"0".repeat(32)}` as const;
const OWNER = {
  id: ID,
  tool: "dump",
  fence: 2,
  createdAt: 0,
  expiresAt: DAY,
  principal: { tenant: "t-a" },
};

async function keep(result: ToolResult, promised = false) {
  const store = new InProcessResults();
  const outcome = await keepResult(store, OWNER, result, promised);
  const read = async (part: number) => {
    const stored = await store.get("t-a", { id: ID, fence: 2, part });
    if (stored === undefined) throw new Error(`There is no part ${part}.`);
    return stored;
  };
  return { outcome, read, page: (asked: AskedPage) => readPage(outcome, asked, read) };
}

const textsOf = ({ result }: ResultOutcome) =>
  result.content.flatMap((block) => (block.type === "text" ? [block.text] : []));

const linesOf = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}\n`).join("");

test("what fits stays as it is, and nothing is stored", async () => {
  const result: ToolResult = {
    content: [
      { type: "text", text: "x".repeat(INLINE_TEXT_BYTES) },
      { type: "image", data: "A".repeat(400_000), mimeType: "image/png" },
    ],
    structured: { n: 1 },
  };
  expect((await keep(result)).outcome).toEqual({ kind: "result", result });
});

test("a long text: its beginning to a line's end, what to do, a link per part", async () => {
  const long = linesOf(600_000);
  const { outcome, read } = await keep(text(long));
  const [head = "", note] = textsOf(outcome);
  expect(byteLength(head)).toBeLessThanOrEqual(INLINE_TEXT_BYTES);
  expect(head.length).toBeGreaterThan(INLINE_TEXT_BYTES - 20);
  expect(long.startsWith(head)).toBe(true);
  expect(head.endsWith("\n")).toBe(true);
  expect(note).toBe(
    `This is the beginning of the result: ${head.length} of ${long.length} characters. For what follows call the tool task with {"action":"result","task_id":"${ID}","offset":${head.length}}, or read the resources linked here. It is kept for 1 day.`,
  );
  const links = outcome.result.content.slice(2);
  expect(links).toEqual(
    [0, 1].map((part) => ({
      type: "resource_link",
      uri: `zenode-result://${ID}/${part}`,
      name: `dump, part ${part + 1} of 2`,
      mimeType: "text/plain",
      size: outcome.stored?.[part]?.bytes,
    })),
  );
  const parts = [await read(0), await read(1)];
  expect(parts.join("") === long).toBe(true);
  expect(parts.every((part) => byteLength(part) <= PART_BYTES && part.endsWith("\n"))).toBe(true);
});

test("images, files and structured content that are too large are stored as they are", async () => {
  const data = "QUJD".repeat(300_000);
  const content: Content[] = [
    { type: "text", text: "short" },
    { type: "image", data, mimeType: "image/png" },
    { type: "image", data: "QUJD", mimeType: "image/png" },
    { type: "resource", resource: { uri: "zenode://p/f", text: linesOf(9_000) } },
  ];
  const structured = { rows: "x".repeat(INLINE_TEXT_BYTES) };
  const { outcome, read } = await keep({ content, structured });
  expect(outcome.result.structured).toBeUndefined();
  expect(outcome.result.content.slice(0, 3)).toEqual([
    { type: "text", text: "short" },
    {
      type: "text",
      text: "What is too large for one answer is linked here; read it as a resource. The structured content is among it. It is kept for 1 day.",
    },
    { type: "image", data: "QUJD", mimeType: "image/png" },
  ]);
  expect(outcome.stored).toMatchObject([
    { kind: "blob", mimeType: "image/png", bytes: 900_000 },
    { kind: "document", mimeType: "text/plain" },
    { kind: "document", mimeType: "application/json" },
  ]);
  expect((await read(0)) === data).toBe(true);
  expect(await read(1)).toBe(linesOf(9_000));
  expect(JSON.parse(await read(2))).toEqual(structured);
});

test("structured content that was promised stays, whatever its size", async () => {
  const structured = { rows: "x".repeat(INLINE_TEXT_BYTES) };
  const { outcome } = await keep({ ...text("see there"), structured }, true);
  expect(outcome).toEqual({ kind: "result", result: { ...text("see there"), structured } });
});

test("a large failure stays one", async () => {
  const { outcome } = await keep(failure(linesOf(20_000)));
  expect(outcome.result.isError).toBe(true);
  expect(outcome.stored).toHaveLength(1);
});

test("over 64 MiB is the tool's failure, and nothing is stored", async () => {
  const { outcome } = await keep(text("x".repeat(64 * 1024 * 1024 + 1)));
  expect(outcome.result).toEqual(
    failure("dump gave a result of 65 MiB; at most 64 MiB are kept. Ask it for less at once."),
  );
  expect(outcome.stored).toBeUndefined();
});

test("more parts than links would fit are refused", async () => {
  const image = { type: "image", data: "QUJD".repeat(150_000), mimeType: "image/png" } as const;
  const { outcome } = await keep({ content: Array.from({ length: 102 }, () => image) });
  expect(textsOf(outcome)[0]).toMatch(/^dump gave a result of more than 100 large parts/);
});

test("pages, one after the other, are the whole text", async () => {
  const long = linesOf(1_000_000);
  const { page } = await keep(text(long));
  let read = "";
  for (let offset = 0; offset < long.length; ) {
    const next = await page({ offset, limit: INLINE_TEXT_BYTES });
    expect(next.from).toBe(offset);
    expect(next.text.endsWith("\n")).toBe(true);
    read += next.text;
    offset = next.to;
  }
  expect(read === long).toBe(true);
  expect((await page({ offset: long.length, limit: 10 })).text).toBe("");
  await expect(page({ offset: long.length + 1, limit: 10 })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("a page over the border of two parts has something of both", async () => {
  const long = "é".repeat(PART_BYTES);
  const { outcome, page } = await keep(text(long));
  const border = outcome.stored?.[0]?.characters ?? 0;
  expect(border).toBe(PART_BYTES / 2);
  const { text: piece, from, to } = await page({ offset: border - 5, limit: 10 });
  expect([piece, from, to]).toEqual(["é".repeat(10), border - 5, border + 5]);
});

test("pages of any text, cut anywhere, lose nothing and split no character", () =>
  fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom("a", "\n", "ü", "😀", "日"), minLength: 1 }),
      fc.integer({ min: 1, max: 7 }),
      async (short, limit) => {
        const { page } = await keep(text(short));
        let read = "";
        for (let offset = 0; offset < short.length; ) {
          const next = await page({ offset, limit });
          expect(next.text.isWellFormed()).toBe(true);
          expect(next.to).toBeGreaterThan(offset);
          read += next.text;
          offset = next.to;
        }
        expect(read).toBe(short);
      },
    ),
  ));

test("an offset inside a character begins with it", async () => {
  const { page } = await keep(text("a😀b"));
  expect(await page({ offset: 2, limit: 2 })).toMatchObject({ text: "😀", from: 1, to: 3 });
});

test("pieces hold as many bytes as they may, and always a character", () => {
  expect(endOfPiece("ääää", 0, { bytes: 5 })).toBe(2);
  expect(endOfPiece("😀😀", 0, { bytes: 1 })).toBe(2);
  expect(endOfPiece("a\nbbbb", 0, { bytes: 5 })).toBe(5);
  expect(endOfPiece("aaa\nbbb", 0, { bytes: 5 })).toBe(4);
});
