import { expect, test } from "vitest";
import { parseCallArguments } from "./call-arguments.ts";

const schema = {
  properties: {
    pattern: { type: "string" },
    ignore_case: { type: "boolean" },
    max_results: { type: "integer" },
    glob: { type: "array" },
    filter: { type: "object" },
  },
};

test("words become values of the schema's types", () => {
  const words = [
    "--pattern",
    "a b",
    "--ignore_case",
    "--max_results=5",
    "--glob",
    "*.ts",
    "--glob",
    "*.md",
  ];
  expect(parseCallArguments(words, schema)).toEqual({
    pattern: "a b",
    ignore_case: true,
    max_results: 5,
    glob: ["*.ts", "*.md"],
  });
});

test("an object is written as JSON", () => {
  expect(parseCallArguments(["--filter", '{"a":1}'], schema)).toEqual({ filter: { a: 1 } });
});

test.each([
  [["--colour", "red"], "takes no --colour"],
  [["--max_results", "many"], "needs a number"],
  [["--pattern"], "needs a value"],
  [["lonely"], "stands alone"],
  [["--filter", "{"], "needs JSON"],
])("%j is refused with what to do", (words, message) => {
  expect(() => parseCallArguments(words, schema)).toThrow(message);
});
