import { expect, test } from "vitest";
import { Lru } from "./lru.ts";

test("what was not used for longest goes first", () => {
  const cache = new Lru<string>(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  expect(cache.get("a")).toBe("A");
  cache.set("c", "C", 4);
  expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual(["A", undefined, "C"]);
});

test("what is heavier than the cache is not kept, and takes its old value along", () => {
  const cache = new Lru<string>(10);
  cache.set("a", "old", 1);
  cache.set("a", "new", 11);
  expect(cache.get("a")).toBeUndefined();
  cache.set("b", "B", 10);
  expect(cache.get("b")).toBe("B");
});
