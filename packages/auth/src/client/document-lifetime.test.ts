import * as fc from "fast-check";
import { expect, test } from "vitest";
import { documentLifetime } from "./document-lifetime.ts";

const MINUTE = 60_000;

test.each([
  [undefined, 5 * MINUTE],
  ["", 5 * MINUTE],
  ["max-age=0", 5 * MINUTE],
  ["max-age=299", 5 * MINUTE],
  ["max-age=600", 10 * MINUTE],
  ["public, Max-Age=600, immutable", 10 * MINUTE],
  ['max-age="600"', 10 * MINUTE],
  ["max-age=86401", 1440 * MINUTE],
  [`max-age=${"9".repeat(400)}`, 1440 * MINUTE],
  ["max-age=600, s-maxage=1200", 20 * MINUTE],
  ["max-age=1200, max-age=600", 10 * MINUTE],
  ["no-store, max-age=86400", 5 * MINUTE],
  ["no-cache, max-age=86400", 5 * MINUTE],
  ['private="set-cookie", max-age=86400', 5 * MINUTE],
  ["max-age=-1", 5 * MINUTE],
  ["max-age=1e9", 5 * MINUTE],
  ["max-age", 5 * MINUTE],
  ["x-max-age=86400", 5 * MINUTE],
])("Cache-Control %j keeps a document %d ms", (header, ms) => {
  expect(documentLifetime(header)).toBe(ms);
});

test("whatever a header says, a document counts 5 minutes to 24 hours", async () => {
  const part = fc.oneof(fc.constantFrom("max-age=", "s-maxage", ",", "=", "9", '"'), fc.string());
  await fc.assert(
    fc.property(fc.array(part), (parts) => {
      const ms = documentLifetime(parts.join(""));
      expect(ms >= 5 * MINUTE && ms <= 1440 * MINUTE).toBe(true);
    }),
  );
});
