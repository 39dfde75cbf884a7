import { expect, test } from "vitest";
import { resultText } from "./result-text.ts";

const link = { type: "resource_link", uri: "https://a.example/x.zip", name: "x.zip" } as const;

test("a link is shown, once", () => {
  expect(resultText({ content: [{ type: "text", text: "Done." }, link] })).toBe(
    "Done.\nx.zip: https://a.example/x.zip",
  );
  const said = { type: "text", text: "To be had from https://a.example/x.zip" } as const;
  expect(resultText({ content: [said, link] })).toBe("To be had from https://a.example/x.zip");
});

test("what a terminal can't show is named", () => {
  const content = [
    { type: "image", data: "AA==", mimeType: "image/png" },
    { type: "resource", resource: { uri: "zenode://a", text: "its text" } },
    { type: "resource", resource: { uri: "zenode://b", blob: "AA==" } },
  ] as const;
  expect(resultText({ content: [...content] })).toBe(
    "[image of type image/png]\nits text\nzenode://b",
  );
});
