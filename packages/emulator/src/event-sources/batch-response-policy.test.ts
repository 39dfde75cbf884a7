import { expect, test } from "vitest";
import { judgeBatchResponse } from "./batch-response-policy.ts";

const IDS = new Set(["a", "b"]);

/** The cases of "Success and failure conditions" in Lambda's guide to errors of SQS event sources. */
test.each([
  ["a null answer", null],
  ["no answer", undefined],
  ["an empty answer", {}],
  ["a null list", { batchItemFailures: null }],
  ["an empty list", { batchItemFailures: [] }],
])("%s is a success", (_, answer) => {
  expect(judgeBatchResponse(answer, IDS)).toEqual({ kind: "success" });
});

test.each([
  ["a text", "ok"],
  ["a list that is none", { batchItemFailures: "a" }],
  ["an empty id", { batchItemFailures: [{ itemIdentifier: "" }] }],
  ["a null id", { batchItemFailures: [{ itemIdentifier: null }] }],
  ["a key of another name", { batchItemFailures: [{ messageId: "a" }] }],
  ["a null member", { batchItemFailures: [null] }],
  [
    "an id of no message",
    { batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "c" }] },
  ],
])("%s fails the whole batch", (_, answer) => {
  expect(judgeBatchResponse(answer, IDS)).toMatchObject({ kind: "failure" });
});

test("ids of the batch fail alone", () => {
  const answer = { batchItemFailures: [{ itemIdentifier: "b" }, { itemIdentifier: "b" }] };
  expect(judgeBatchResponse(answer, IDS)).toEqual({ kind: "partial", failedIds: new Set(["b"]) });
});
