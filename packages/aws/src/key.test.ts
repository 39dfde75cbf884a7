import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkProject, numberKey, partition, signInPartition, toTtl } from "./key.ts";

test("every partition starts with its tenant", () => {
  expect(partition("t-acme", "J", "task_1")).toBe("T#t-acme#J#task_1");
  expect(partition("t-acme", "P")).toBe("T#t-acme#P");
});

test("what belongs to no tenant is in no tenant's partition", () => {
  expect(signInPartition("D", "T#t-acme#J")).toBe("O#D#T#t-acme#J");
  expect(() => signInPartition("D", "")).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
});

test("numbers sort as numbers", () => {
  expect([10, 9, 1, 100].map(numberKey).sort()).toEqual([
    "000000000001",
    "000000000009",
    "000000000010",
    "000000000100",
  ]);
});

test.each([-1, 1.5, Number.NaN, 1e12])("%d is refused as a number", (number) => {
  expect(() => numberKey(number)).toThrow(expect.objectContaining({ code: "invalid_input" }));
});

test("an item is never deleted before its time", () => {
  expect([1000, 1001, 1999].map(toTtl)).toEqual([1, 2, 2]);
});

describe("whatever a name is", () => {
  test("different names are different keys of printable characters", async () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.property(name, name, (a, b) => {
        const [left, right] = [partition("t-a", "L", a), partition("t-a", "L", b)];
        expect(left === right).toBe(a === b);
        expect(left).toMatch(/^T#t-a#L#[\x21-\x7e]+$/);
      }),
    );
  });

  test("no tenant gets into another's keys", async () => {
    await fc.assert(
      fc.property(fc.string(), (tenant) => {
        try {
          expect(partition(tenant, "J", "x").split("#")[1]).toBe(tenant);
        } catch (cause) {
          expect(cause).toMatchObject({ code: "invalid_input" });
        }
      }),
    );
  });

  test.each(["", "..", "a/b", "A", ".git", "a".repeat(65)])("%j is no project", (project) => {
    expect(() => checkProject(project)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });
});
