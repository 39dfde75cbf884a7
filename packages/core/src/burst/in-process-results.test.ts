import { expect, test } from "vitest";
import { newId } from "../lib/id.ts";
import { resultStoreContract } from "../testing/contracts/result-store.contract.ts";
import { InProcessResults } from "./in-process-results.ts";

resultStoreContract("InProcessResults", () => new InProcessResults());

test("a forgotten job's results are gone, and no other's", async () => {
  const results = new InProcessResults();
  const [one, other] = [newId("task"), newId("task")];
  for (const id of [one, other]) await results.put("t-a", { id, fence: 1, part: 0 }, "text");
  results.forget(one);
  expect(await results.get("t-a", { id: one, fence: 1, part: 0 })).toBeUndefined();
  expect(await results.get("t-a", { id: other, fence: 1, part: 0 })).toBe("text");
});
