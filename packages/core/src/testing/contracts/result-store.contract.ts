import { describe, expect, test } from "vitest";
import type { ResultStore } from "../../burst/result-store.ts";
import { newId } from "../../lib/id.ts";

/** What every ResultStore promises. Run it on each implementation. */
export function resultStoreContract(
  name: string,
  make: () => ResultStore | Promise<ResultStore>,
): void {
  describe(`${name} as a ResultStore`, () => {
    const part = () => ({ id: newId("task"), fence: 1, part: 0 });

    test.each([
      ["plain", "one\ntwo\n"],
      ["of any script", "größe 日本 😀\u0000\r\n"],
      ["with a byte order mark", "\ufeffone"],
      ["empty", ""],
    ])("gives a text back as it was: %s", async (_, text) => {
      const store = await make();
      const at = part();
      await store.put("t-a", at, text);
      expect(await store.get("t-a", at)).toBe(text);
    });

    test("takes a part of several MiB", async () => {
      const store = await make();
      const at = part();
      const text = "0123456789abcde\n".repeat(262_144);
      await store.put("t-a", at, text);
      expect((await store.get("t-a", at)) === text).toBe(true);
    });

    test("replaces lone surrogates, one character for one", async () => {
      const store = await make();
      const at = part();
      await store.put("t-a", at, "a\ud800b");
      expect(await store.get("t-a", at)).toBe("a\ufffdb");
    });

    test("can be repeated", async () => {
      const store = await make();
      const at = part();
      await store.put("t-a", at, "same");
      await store.put("t-a", at, "same");
      expect(await store.get("t-a", at)).toBe("same");
    });

    test("knows no other tenant's, fence's, part's or task's", async () => {
      const store = await make();
      const at = part();
      await store.put("t-a", at, "mine");
      expect(await store.get("t-b", at)).toBeUndefined();
      expect(await store.get("t-a", { ...at, fence: 2 })).toBeUndefined();
      expect(await store.get("t-a", { ...at, part: 1 })).toBeUndefined();
      expect(await store.get("t-a", { ...at, id: newId("task") })).toBeUndefined();
    });
  });
}
