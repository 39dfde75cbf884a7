import { expect, test } from "vitest";
import { ToolWorkspace, toStructured, toText } from "../testing/tool-workspace.ts";
import { fileInfo } from "./tool.ts";

const FILES = {
  "a.md": "one\ntwo",
  "crlf.txt": "one\r\ntwo\r\n",
  mixed: "one\r\ntwo\n\r",
  "empty.json": "",
  "run*": "#!/bin/sh\n",
  "image.png": Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0),
  latin1: Uint8Array.of(0x67, 0xfc),
  "src/a.ts": "",
  "src/deep/b.ts": "",
  "src/l": { link: "../a.md" },
};
const EMPTY_SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async function tell(path: string) {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(fileInfo, { path });
  return { facts: toStructured(result), text: toText(result) };
}

test("an empty file: all that can be told of it", async () => {
  const { facts, text } = await tell("./empty.json");
  expect(facts).toEqual({
    project: "app",
    snapshot: 1,
    path: "empty.json",
    kind: "file",
    bytes: 0,
    sha256: EMPTY_SHA,
    executable: false,
    mime_type: "application/json",
    content: "text",
    lines: 0,
    line_ends: "none",
    final_newline: false,
  });
  expect(text).toBe(
    `empty.json: file, 0 bytes, UTF-8 text, 0 lines, line ends none, application/json, SHA-256 ${EMPTY_SHA}.`,
  );
});

test.each([
  ["a.md", { content: "text", lines: 2, line_ends: "lf", final_newline: false }],
  ["crlf.txt", { content: "text", lines: 2, line_ends: "crlf", final_newline: true }],
  ["mixed", { content: "text", lines: 3, line_ends: "mixed", final_newline: false }],
  ["run", { executable: true, lines: 1, line_ends: "lf", bytes: 10 }],
  ["image.png", { content: "binary", mime_type: "image/png", bytes: 5 }],
  ["latin1", { content: "not_utf8" }],
  ["src/l", { kind: "link", target: "../a.md" }],
  ["src", { kind: "directory", files: 1, links: 1, directories: 1 }],
  ["", { kind: "directory", path: "", files: 7, links: 0, directories: 1 }],
])("%s: %j", async (path, expected) => {
  expect((await tell(path)).facts).toMatchObject(expected);
});

test("says it to a model that reads only text", async () => {
  expect((await tell("a.md")).text).toMatch(
    /^a\.md: file, 7 bytes, UTF-8 text, 2 lines, line ends lf, no newline at its end, text\/markdown, SHA-256 [0-9a-f]{64}\.$/,
  );
  expect((await tell("src/l")).text).toBe("src/l: symbolic link to ../a.md, not followed.");
  expect((await tell("src")).text).toBe(
    "src/: directory with 1 files, 1 links and 1 directories directly in it.",
  );
});

test("a file over 16 MiB is told of, and not read", async () => {
  const large = new Uint8Array(16 * 1024 * 1024 + 1);
  const workspace = await ToolWorkspace.of({ app: { large } });
  const result = await workspace.run(fileInfo, { path: "large" });
  expect(toStructured(result)).toMatchObject({ bytes: 16_777_217, executable: false });
  expect(toStructured(result)).not.toHaveProperty("content");
  expect(toText(result)).toContain("not looked into (over 16 MiB)");
});

test.each([
  ["none", /There is no none/],
  ["src/l/x", /src\/l is a link/],
  ["../x", /can't be used/],
])("%s fails in a way the model can mend", async (path, message) => {
  const workspace = await ToolWorkspace.of({ app: FILES });
  const result = await workspace.run(fileInfo, { path });
  expect(result.isError).toBe(true);
  expect(toText(result)).toMatch(message);
});
