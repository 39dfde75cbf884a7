import { beforeAll, describe, expect, test } from "vitest";
import { ToolWorkspace } from "../testing/tool-workspace.ts";
import { readFile } from "./tool.ts";

const LONG = Array.from({ length: 20_000 }, (_, at) => `line ${at + 1} ${"x".repeat(20)}\n`).join(
  "",
);
const FILES = {
  "a.txt": "one\ntwo\r\nthree\n\nfive",
  empty: "",
  long: LONG,
  minified: `${"ü".repeat(200_000)}\nsecond\n`,
  "image.png": Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13),
  latin1: Uint8Array.of(0x67, 0x72, 0xfc, 0xdf, 0x65),
  bom: "\ufefftext\n",
  dir: { link: "a.txt" },
};

async function read(input: object) {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(readFile, input);
  const [text, note] = result.content.map((part) => (part.type === "text" ? part.text : ""));
  return { text, note, isError: result.isError ?? false };
}

test("a whole file comes as it is, with nothing beside it", async () => {
  expect(await read({ path: "a.txt" })).toEqual({
    text: "one\ntwo\r\nthree\n\nfive",
    note: undefined,
    isError: false,
  });
  expect(await read({ path: "./bom" })).toMatchObject({ text: "\ufefftext\n", note: undefined });
  expect(await read({ path: "empty" })).toMatchObject({ text: "", note: undefined });
});

test.each([
  [{ start_line: 2, end_line: 3 }, "two\r\nthree\n", "Lines 2 to 3 of 5 of a.txt."],
  [{ start_line: 4 }, "\nfive", "Lines 4 to 5 of 5 of a.txt."],
  [{ end_line: 1 }, "one\n", "Lines 1 to 1 of 5 of a.txt."],
  [{ start_line: 5, end_line: 900 }, "five", "Lines 5 to 5 of 5 of a.txt."],
  [{ start_line: -2 }, "\nfive", "Lines 4 to 5 of 5 of a.txt."],
  [{ start_line: -3, end_line: 4 }, "three\n\n", "Lines 3 to 4 of 5 of a.txt."],
  [{ start_line: -900 }, "one\ntwo\r\nthree\n\nfive", undefined],
  [{ start_line: 1, end_line: 5 }, "one\ntwo\r\nthree\n\nfive", undefined],
])("%j gives those lines", async (range, text, note) => {
  expect(await read({ path: "a.txt", ...range })).toMatchObject({ text, note });
});

test("a long file goes on where it stopped, until it is whole", async () => {
  let whole = "";
  let start: number | undefined = 1;
  let answers = 0;
  while (start !== undefined) {
    const { text = "", note } = await read({ path: "long", start_line: start });
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(64_512);
    whole += text;
    answers++;
    const next: string | undefined = /start_line=(\d+)/.exec(note ?? "")?.[1];
    start = next === undefined ? undefined : Number(next);
  }
  expect(whole).toBe(LONG);
  expect(answers).toBe(10);
});

test("the end of a file that is longer than an answer goes on, too", async () => {
  const { text = "", note } = await read({ path: "long", start_line: -5_000 });
  expect(text.startsWith("line 15001 ")).toBe(true);
  expect(note).toMatch(/^Lines 15001 to \d+ of 20000 of long\. Go on with start_line=\d+\.$/);
});

describe("of a file of some megabytes", () => {
  const line = (at: number) => `${at} ${"y".repeat(90)}\n`;
  const text = Array.from({ length: 60_000 }, (_, at) => line(at + 1)).join("");
  let workspace: ToolWorkspace;
  beforeAll(async () => {
    workspace = await ToolWorkspace.of({ app: { log: text, wide: "ü".repeat(3_000_000) } });
  });

  async function readLog(input: object) {
    const before = workspace.packs.requests.read;
    const result = await workspace.run(readFile, { path: "log", ...input });
    const [content, note] = result.content.map((part) => (part.type === "text" ? part.text : ""));
    return { content, note, reads: workspace.packs.requests.read - before };
  }

  test("the beginning, the end and some lines are read alone", async () => {
    // The index, the trees, and one chunk.
    expect(await readLog({ end_line: 2 })).toEqual({
      content: line(1) + line(2),
      note: "Lines 1 to 2 of log, which goes on.",
      reads: 3,
    });
    expect(await readLog({ start_line: -2 })).toEqual({
      content: line(59_999) + line(60_000),
      note: "Lines -2 to -1 of log, counted from its end.",
      reads: 3,
    });
    expect(await readLog({ start_line: 30_000, end_line: 30_001 })).toMatchObject({
      content: line(30_000) + line(30_001),
      note: "Lines 30000 to 30001 of log, which goes on.",
    });
    expect(await readLog({ start_line: 59_999 })).toMatchObject({
      content: line(59_999) + line(60_000),
      note: "Lines 59999 to 60000 of 60000 of log.",
    });
  });

  test("an answer that is full says where to go on, from both ends", async () => {
    const { content = "", note } = await readLog({});
    const shown = content.split("\n").length - 1;
    expect(note).toBe(
      `Lines 1 to ${shown} of log, which goes on. Go on with start_line=${shown + 1}.`,
    );
    const tail = await readLog({ start_line: -5_000 });
    const more = Number(/start_line=(-\d+)\.$/.exec(tail.note ?? "")?.[1]);
    expect(tail.content?.startsWith(line(55_001))).toBe(true);
    expect((await readLog({ start_line: more })).content?.startsWith(line(60_001 + more))).toBe(
      true,
    );
  });

  test("a line that is not there is told with how many there are", async () => {
    const { content } = await readLog({ start_line: 60_001 });
    expect(content).toBe("log has 60000 lines; there are none from 60001 to the end.");
    expect((await readLog({ start_line: -2, end_line: 3 })).content).toMatch(
      /none from 59999 to 3/,
    );
  });

  test("a line longer than an answer is cut between characters", async () => {
    const { content, note } = await readLog({ path: "wide" });
    expect(content).toBe("ü".repeat(32_256));
    expect(note).toMatch(/Line 1 is longer than one answer and was cut/);
  });
});

test("a line longer than an answer is cut between characters, and the next can be read", async () => {
  const { text, note } = await read({ path: "minified" });
  expect(text).toBe("ü".repeat(32_256));
  expect(note).toMatch(/Line 1 is longer than one answer and was cut.*start_line=2/);
  expect(await read({ path: "minified", start_line: 2 })).toMatchObject({ text: "second\n" });
});

test.each([
  [{ path: "image.png" }, /image.png is a binary file or not UTF-8/],
  [{ path: "latin1" }, /binary file or not UTF-8/],
  [{ path: "a.txt", start_line: 0 }, /start_line counts from 1/],
  [{ path: "a.txt", start_line: -2, end_line: 3 }, /none from 4 to 3/],
  [{ path: "a.txt", start_line: 6 }, /a.txt has 5 lines; there are none from 6/],
  [{ path: "a.txt", start_line: 3, end_line: 2 }, /none from 3 to 2/],
  [{ path: "dir" }, /symbolic link to a.txt/],
  [{ path: "" }, /The root is a directory/],
  [{ path: "none" }, /There is no none/],
  [{ path: "a\\b" }, /backslash/],
])("%j fails in a way the model can mend", async (input, message) => {
  const { text, isError } = await read(input);
  expect(isError).toBe(true);
  expect(text).toMatch(message);
});
