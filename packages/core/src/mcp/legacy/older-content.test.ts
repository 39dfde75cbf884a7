import { expect, test } from "vitest";
import { hasLinks, withoutLinks } from "./older-content.ts";

test.each([
  ["2024-11-05", false],
  ["2025-03-26", false],
  ["2025-06-18", true],
  ["2025-11-25", true],
])("revision %s knows links: %s", (protocolVersion, expected) => {
  expect(hasLinks({ protocolVersion })).toBe(expected);
});

test("links become words, and nothing else changes", () => {
  const text = { type: "text", text: "head" };
  const link = { type: "resource_link", uri: "zenode-result://task_1/0", name: "part 1 of 2" };
  const answer = {
    jsonrpc: "2.0",
    id: 1,
    result: { content: [text, link], isError: true },
  } as const;
  expect(withoutLinks(answer)).toEqual({
    jsonrpc: "2.0",
    id: 1,
    result: {
      content: [text, { type: "text", text: "part 1 of 2: zenode-result://task_1/0" }],
      isError: true,
    },
  });
});
