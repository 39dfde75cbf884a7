import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import type { BatchReport } from "../../packages/emulator/src/event-sources/event-source.ts";
import { startEventSources } from "../../packages/emulator/src/event-sources/start-event-sources.ts";
import type {
  EventSourceTemplate,
  FunctionTemplate,
} from "../../packages/emulator/src/template.ts";
import { functionOf, lambdaWith, PLACE } from "./lambda-fixture.ts";
import { DEAD, QUEUE, type QueueDriver, sqsWith } from "./sqs-fixture.ts";

const PATIENCE = { timeout: 20_000 };
const BATCHES = functionOf("batches.handler");

/** A queue, a function and the mapping between them; all gone at the end of the test. */
async function mapped(
  source: Partial<EventSourceTemplate> = {},
  template: FunctionTemplate = BATCHES,
) {
  const sqs = await sqsWith(
    [{ name: QUEUE, redrive: { deadLetterQueue: DEAD, maxReceiveCount: 3 } }, { name: DEAD }],
    { pollRetryMs: 5 },
  );
  onTestFinished(() => sqs[Symbol.asyncDispose]());
  const lambda = await lambdaWith([template]);
  // What is registered last ends first: the mapping, Lambda, SQS.
  onTestFinished(() => lambda[Symbol.asyncDispose]());
  const reports: BatchReport[] = [];
  const sources = startEventSources({
    eventSources: [{ queue: QUEUE, functionName: template.name, ...source }],
    functions: [template],
    place: PLACE,
    sqs: sqs.sqs,
    lambda: lambda.lambda,
    clock: sqs.clock,
    throttleDelayMs: 5,
    onBatch: (report) => reports.push(report),
  });
  onTestFinished(() => sources.close());
  const ended = (count: number) =>
    expect.poll(() => reports.length, PATIENCE).toBeGreaterThanOrEqual(count);
  const lines = (word: string) =>
    lambda.lines
      .filter(({ text }) => text.startsWith(`${word} `))
      .map(({ text }) => JSON.parse(text.slice(word.length + 1)));
  return { sqs, lambda, reports, sources, ended, lines, queue: sqs.queue() };
}

/** Visible at one moment, so that one receive finds them all. */
async function sendAll(queue: QueueDriver, messages: readonly string[]): Promise<void> {
  const Entries = messages.map((MessageBody, at) => ({ Id: `${at}`, MessageBody }));
  await queue.client.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
}

test("a function gets a message as Lambda writes it, and what it did not fail is deleted", async () => {
  const { sqs, queue, ended, reports, lines } = await mapped({}, functionOf("batches.records"));
  const id = await queue.send("grüße", {
    MessageAttributes: {
      timestamp: { DataType: "Number", StringValue: "1493147359900" },
    },
    MessageGroupId: "t1",
  });
  await ended(1);
  expect(lines("records")).toEqual([
    [
      {
        messageId: id,
        receiptHandle: expect.any(String),
        body: "grüße",
        attributes: {
          ApproximateReceiveCount: "1",
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: "LOCALKEY",
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          MessageGroupId: "t1",
        },
        messageAttributes: {
          timestamp: {
            stringValue: "1493147359900",
            stringListValues: [],
            binaryListValues: [],
            dataType: "Number",
          },
        },
        md5OfBody: "fee40dc24d0ad6a90c608052aa4e9e66",
        md5OfMessageAttributes: "235c5c510d26fb653d073faed50ae77c",
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-central-1:000000000000:jobs",
        awsRegion: "eu-central-1",
      },
    ],
  ]);
  expect(reports).toEqual([{ queue: QUEUE, function: "batches-records", messages: 1, failed: 0 }]);
  expect(await queue.counts()).toEqual([0, 0, 0]);
  expect(sqs.usage.map(({ operation }) => operation)).toEqual([
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessageBatch",
    "GetQueueAttributes",
  ]);
});

test("only the messages named as failed come again, and in the end to the dead-letter queue", async () => {
  const { sqs, queue, ended, reports, lines } = await mapped({ reportBatchItemFailures: true });
  await sendAll(queue, ["ok 1", "fail", "ok 2"]);
  await ended(1);
  expect(reports[0]).toMatchObject({ messages: 3, failed: 1 });
  expect(await queue.counts()).toEqual([0, 1, 0]);
  for (const turn of [2, 3]) {
    sqs.clock.advance(31_000);
    await ended(turn);
  }
  expect(lines("batch")).toEqual([["ok 1", "fail", "ok 2"], ["fail"], ["fail"]]);
  sqs.clock.advance(31_000);
  // Woken by the clock, a poller finds that the message was received three times.
  expect(await sqs.queue(DEAD).receive({ WaitTimeSeconds: 5 })).toHaveLength(1);
  expect(await queue.counts()).toEqual([0, 0, 0]);
});

test.each([
  ["the function throws", "throw", /^Error: The batch fails\.$/],
  [
    "an answer names no message",
    'answer:{"batchItemFailures":[{"itemIdentifier":"x"}]}',
    /names no/,
  ],
])("the whole batch comes again when %s", async (_, body, reason) => {
  const { sqs, queue, ended, reports } = await mapped({ reportBatchItemFailures: true });
  await sendAll(queue, ["ok", body]);
  await ended(1);
  expect(reports).toMatchObject([{ messages: 2, failed: 2 }]);
  expect(reports[0]?.reason).toMatch(reason);
  expect(await queue.counts()).toEqual([0, 2, 0]);
  sqs.clock.advance(31_000);
  await ended(2);
  expect(reports[1]).toMatchObject({ failed: 2 });
});

test("the whole batch comes again when the function takes too long", async () => {
  const { queue, ended, reports } = await mapped({}, { ...BATCHES, timeoutSeconds: 1 });
  await sendAll(queue, ["hang", "ok"]);
  await ended(1);
  expect(reports[0]).toMatchObject({ messages: 2, failed: 2 });
  expect(reports[0]?.reason).toMatch(/Task timed out after 1\.00 seconds$/);
});

test("an answer means nothing unless the mapping asks for it", async () => {
  const { queue, ended, reports } = await mapped();
  await sendAll(queue, ["fail", "ok"]);
  await ended(1);
  expect(reports[0]).toMatchObject({ messages: 2, failed: 0 });
  expect(await queue.counts()).toEqual([0, 0, 0]);
});

test("batches are no larger than asked for, and so many are under way at once", async () => {
  const fixture = await mapped(
    { batchSize: 2, maximumConcurrency: 2 },
    functionOf("batches.waits", { timeoutSeconds: 20 }),
  );
  const { queue, ended, lambda, reports } = fixture;
  const gate = join(lambda.dir, "gate");
  await sendAll(
    queue,
    Array.from({ length: 6 }, () => gate),
  );
  const waiting = () => lambda.lines.filter(({ text }) => text === "waiting 2").length;
  await expect.poll(waiting, PATIENCE).toBe(2);
  // Two batches of two are out, the third waits in the queue for a poller that is free.
  expect(await queue.counts()).toEqual([2, 4, 0]);
  writeFileSync(gate, "");
  await ended(3);
  expect(reports.map(({ messages }) => messages)).toEqual([2, 2, 2]);
  expect(await queue.counts()).toEqual([0, 0, 0]);
});

test("a batching window lets batches be filled beyond one receive", async () => {
  // Nothing but being full can end these batches within the test's time.
  const source = { batchSize: 12, batchingWindowSeconds: 300, maximumConcurrency: 2 };
  const { queue, ended, reports } = await mapped(source, functionOf("batches.records"));
  for (let at = 0; at < 3; at += 1) await sendAll(queue, Array(8).fill("m"));
  await ended(2);
  expect(reports.map(({ messages }) => messages)).toEqual([12, 12]);
});

test("a batch that is not filled goes out when its window is over", async () => {
  const source = { batchSize: 12, batchingWindowSeconds: 1 };
  const { queue, ended, reports } = await mapped(source, functionOf("batches.records"));
  const startedAt = performance.now();
  await queue.send("alone");
  await ended(1);
  expect(performance.now() - startedAt).toBeGreaterThan(990);
  expect(reports).toMatchObject([{ messages: 1, failed: 0 }]);
});

test("an event is never over 6 MB: what is too much of one receive is the next batch", async () => {
  const { sqs, queue, ended, reports } = await mapped();
  for (let at = 0; at < 8; at += 1) {
    await queue.send(`${at}`.padEnd(1_000_000, "x"), { DelaySeconds: 60 });
  }
  sqs.clock.advance(60_000);
  await ended(2);
  expect(reports).toMatchObject([
    { messages: 6, failed: 0 },
    { messages: 2, failed: 0 },
  ]);
});

test("a throttled batch is tried again until its messages are visible to others", async () => {
  const { sqs, lambda, queue, ended, reports } = await mapped();
  const throttle = { service: "lambda", action: { kind: "throttle" } } as const;
  lambda.faults.add({ ...throttle, times: 3 });
  await queue.send("ok");
  await ended(1);
  expect(reports).toEqual([{ queue: QUEUE, function: BATCHES.name, messages: 1, failed: 0 }]);
  const fault = lambda.faults.add(throttle);
  await queue.send("dropped");
  await expect.poll(() => queue.counts(), PATIENCE).toEqual([0, 1, 0]);
  sqs.clock.advance(31_000);
  await ended(2);
  expect(reports[1]).toMatchObject({ failed: 1, reason: "TooManyRequestsException" });
  lambda.faults.remove(fault);
  sqs.clock.advance(31_000);
  await expect.poll(() => reports.at(-1)?.failed, PATIENCE).toBe(0);
});

test("pollers get over a failing queue, and a message may come twice", async () => {
  const { sqs, queue, lines, reports } = await mapped();
  const fault = (operation: string, kind: "throttle" | "error" | "lose-answer" | "duplicate") =>
    sqs.faults.add({ service: "sqs", operation, action: { kind }, times: 1 });
  fault("ReceiveMessage", "throttle");
  fault("ReceiveMessage", "error");
  fault("ReceiveMessage", "duplicate");
  fault("DeleteMessageBatch", "error");
  fault("DeleteMessageBatch", "lose-answer");
  await queue.send("m");
  await expect.poll(() => reports.length, PATIENCE).toBe(2);
  expect(lines("batch")).toEqual([["m"], ["m"]]);
  expect(await queue.counts()).toEqual([0, 0, 0]);
  fault("ReceiveMessage", "lose-answer");
  await queue.send("lost");
  await expect.poll(() => queue.counts(), PATIENCE).toEqual([0, 1, 0]);
  sqs.clock.advance(31_000);
  await expect.poll(() => reports.length, PATIENCE).toBe(3);
});

test("a mapping that is closed takes nothing, and deletes nothing of what is under way", async () => {
  const { queue, lambda, sources, reports } = await mapped({}, functionOf("batches.waits"));
  const gate = join(lambda.dir, "gate");
  await queue.send(gate);
  await lambda.logged("waiting 1");
  sources.close();
  await queue.send("after");
  writeFileSync(gate, "");
  await expect.poll(() => lambda.reports.length, PATIENCE).toBe(1);
  expect(await queue.counts()).toEqual([1, 1, 0]);
  expect(reports).toEqual([]);
});

test.each([
  [{ batchSize: 0 }, "batchSize"],
  [{ batchSize: 11 }, "window"],
  [{ maximumConcurrency: 1 }, "maximumConcurrency"],
  [{ batchingWindowSeconds: 301 }, "batchingWindowSeconds"],
  [{ functionName: "nobody" }, "no such function"],
])("a mapping with %o cannot be made", async (source, text) => {
  const { sqs, lambda } = await mapped();
  const start = () =>
    startEventSources({
      eventSources: [{ queue: QUEUE, functionName: BATCHES.name, ...source }],
      functions: [BATCHES],
      place: PLACE,
      sqs: sqs.sqs,
      lambda: lambda.lambda,
      clock: sqs.clock,
    });
  expect(start).toThrow(text);
});

test("a queue that hides its messages for less than the function may take is refused", async () => {
  await expect(mapped({}, { ...BATCHES, timeoutSeconds: 31 })).rejects.toThrow(
    "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds",
  );
});
