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
  const lambda = await lambdaWith([template]);
  const reports: BatchReport[] = [];
  const start = () =>
    startEventSources({
      eventSources: [{ queue: QUEUE, functionName: template.name, ...source }],
      functions: [template],
      place: PLACE,
      sqs: sqs.sqs,
      lambda: lambda.lambda,
      clock: sqs.clock,
      throttleDelayMs: 5,
      onBatch: (report) => reports.push(report),
    });
  const sources = start();
  onTestFinished(async () => {
    sources.close();
    await lambda[Symbol.asyncDispose]();
    await sqs[Symbol.asyncDispose]();
  });
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
