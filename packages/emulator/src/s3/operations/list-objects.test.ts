import fc from "fast-check";
import { expect, test } from "vitest";
import { afterPrefix } from "./list-objects.ts";

test.each([
  ["a/", "a0"],
  ["\ud7ff", "\ue000"],
  ["a\u{10ffff}", "b"],
  ["\u{10ffff}", undefined],
])("the first string after the prefix %j is %j", (prefix, after) => {
  expect(afterPrefix(prefix)).toBe(after);
});

test("every key with the prefix sorts before it", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (prefix, rest) => {
      const after = afterPrefix(prefix);
      fc.pre(after !== undefined);
      const key = Buffer.from(prefix + rest);
      expect(Buffer.compare(key, Buffer.from(after ?? ""))).toBeLessThan(0);
    }),
  );
});
