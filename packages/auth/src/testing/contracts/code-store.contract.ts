import { MINUTE, newId } from "@zenode/core";
import { describe, expect, test } from "vitest";
import type { CodeRecord, CodeStore } from "../../token/authorization-code.ts";

function makeCode(): CodeRecord {
  return {
    hash: crypto.randomUUID(),
    ...{ clientId: "client_1", redirectUri: "http://127.0.0.1:7/callback", challenge: "c" },
    ...{ resource: "https://zenode.example/mcp", subject: "ada-sub", family: newId("grant") },
    ...{ scopes: ["zenode/read"], sealed: "s", keyId: "k", expiresAt: Date.now() + MINUTE },
  };
}

/** What every CodeStore keeps. Codes are new in each test, so one store serves all. */
export function codeStoreContract(name: string, make: () => CodeStore): void {
  describe(`${name} keeps the contract of CodeStore`, () => {
    test("a code is found as it was added, also after its end and its use", async () => {
      const [store, code] = [make(), makeCode()];
      expect(await store.find(code.hash)).toBeUndefined();
      await store.add(code);
      expect(await store.find(code.hash)).toEqual(code);
      await store.use(code.hash, "u1");
      expect(await store.find(code.hash)).toEqual(code);
    });

    test("none takes another's place", async () => {
      const [store, code] = [make(), makeCode()];
      await store.add(code);
      const again = store.add({ ...code, clientId: "client_2", sealed: "s2" });
      await expect(again).rejects.toMatchObject({ name: "ConflictError" });
      expect(await store.find(code.hash)).toEqual(code);
    });

    test("of a hundred uses at once one is the first, and may be repeated", async () => {
      const [store, code] = [make(), makeCode()];
      expect(await store.use(code.hash, "u0")).toBe(false);
      await store.add(code);
      const uses = Array.from({ length: 100 }, (_, at) => store.use(code.hash, `u${at}`));
      const first = (await Promise.all(uses)).flatMap((isFirst, at) => (isFirst ? [`u${at}`] : []));
      expect(first).toHaveLength(1);
      expect(await store.use(code.hash, first[0] ?? "")).toBe(true);
      expect(await store.use(code.hash, "another")).toBe(false);
    });
  });
}
