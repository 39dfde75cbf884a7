import type { SQSRecord } from "aws-lambda";
import { expect, test } from "vitest";
import { handleWakeups, parseWakeup } from "./wakeup-messages.ts";

const id = (digit: string) => `task_${digit.repeat(32)}`;
const record = (messageId: string, body: unknown) =>
  ({ messageId, body: JSON.stringify(body) }) as SQSRecord;
const wakeup = (digit: string) => ({ kind: "watch", tenant: "t-a", id: id(digit) });

test("each message is a look; those that failed are named, and why is told", async () => {
  const [looked, told]: [string[], string[]] = [[], []];
  const Records = [
    record("m-1", wakeup("1")),
    record("m-2", wakeup("2")),
    record("m-3", { kind: "other" }),
    record("m-4", { ...wakeup("4"), kind: "retry" }),
  ];
  const answer = await handleWakeups(
    { Records },
    async (one) => {
      if (one.id === id("2")) throw new Error("DynamoDB is away");
      looked.push(`${one.kind} ${one.id}`);
    },
    (cause, messageId) => told.push(`${messageId}: ${(cause as Error).message}`),
  );
  expect(looked).toEqual([`watch ${id("1")}`, `retry ${id("4")}`]);
  expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual([
    "m-2",
    "m-3",
  ]);
  expect(told.sort()).toEqual([
    "m-2: DynamoDB is away",
    'm-3: This message is no wakeup: {"kind":"other"}',
  ]);
});

test.each([
  "not json",
  "null",
  '"watch"',
  JSON.stringify({ ...wakeup("1"), tenant: 1 }),
  JSON.stringify({ ...wakeup("1"), id: "task_1" }),
  JSON.stringify({ ...wakeup("1"), kind: "sleep" }),
])("%s is no wakeup", (body) => {
  expect(() => parseWakeup(body)).toThrow();
});
