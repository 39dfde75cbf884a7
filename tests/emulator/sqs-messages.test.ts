import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  SendMessageBatchCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bodies, DEAD, expectRefusal, QUEUE, type QueueDriver, sqsWith } from "./sqs-fixture.ts";

const SECOND_MS = 1000;

let fixture: Awaited<ReturnType<typeof sqsWith>>;
let queue: QueueDriver;
beforeEach(async () => {
  fixture = await sqsWith([
    { name: QUEUE },
    { name: "failing", redrive: { deadLetterQueue: DEAD, maxReceiveCount: 2 } },
    { name: DEAD },
    { name: "late", delaySeconds: 60, visibilityTimeoutSeconds: 5, retentionSeconds: 3600 },
  ]);
  queue = fixture.queue();
});
afterEach(() => fixture[Symbol.asyncDispose]());

function remove(from: QueueDriver, { ReceiptHandle }: Message) {
  return from.client.send(new DeleteMessageCommand({ QueueUrl: from.url, ReceiptHandle }));
}

function hide(from: QueueDriver, { ReceiptHandle }: Message, VisibilityTimeout: number) {
  const input = { QueueUrl: from.url, ReceiptHandle, VisibilityTimeout };
  return from.client.send(new ChangeMessageVisibilityCommand(input));
}

async function receiveOne(from: QueueDriver): Promise<Message> {
  const [message] = await from.receive();
  if (message === undefined) throw new Error("There is no message.");
  return message;
}

describe("a message", () => {
  test("is received with its attributes and is gone when it is deleted", async () => {
    const sentMs = fixture.clock.now();
    const id = await queue.send("grüße ✓", {
      MessageAttributes: {
        tenant: { DataType: "String", StringValue: "t1" },
        "size.bytes": { DataType: "Number.int", StringValue: "12" },
        raw: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
      },
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5-2" },
      },
      MessageGroupId: "tenant-1",
    });
    const message = await receiveOne(queue);
    expect(message).toMatchObject({
      MessageId: id,
      Body: "grüße ✓",
      MD5OfBody: "2397a9e4aa6567c807086cdf2a41f075",
      Attributes: {
        SenderId: "LOCALKEY",
        ApproximateReceiveCount: "1",
        AWSTraceHeader: "Root=1-5-2",
        MessageGroupId: "tenant-1",
      },
      MessageAttributes: {
        tenant: { DataType: "String", StringValue: "t1" },
        "size.bytes": { DataType: "Number.int", StringValue: "12" },
        raw: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
      },
    });
    expect(Number(message.Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(sentMs);
    expect(await queue.counts()).toEqual([0, 1, 0]);
    await remove(queue, message);
    expect(await queue.counts()).toEqual([0, 0, 0]);
    fixture.clock.advance(31 * SECOND_MS);
    expect(await queue.receive()).toEqual([]);
  });

  test("shows only the attributes asked for", async () => {
    const MessageAttributes = Object.fromEntries(
      ["a.one", "a.two", "b"].map((name) => [name, { DataType: "String", StringValue: name }]),
    );
    await queue.send("m", { MessageAttributes });
    const [message] = await queue.receive({
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      MessageAttributeNames: ["a.*"],
    });
    expect(message?.Attributes).toEqual({ ApproximateReceiveCount: "1" });
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(["a.one", "a.two"]);
  });

  test("that is not deleted comes back when its visibility timeout is over", async () => {
    await queue.send("m");
    const first = await receiveOne(queue);
    fixture.clock.advance(29 * SECOND_MS);
    expect(await queue.receive()).toEqual([]);
    fixture.clock.advance(SECOND_MS);
    const second = await receiveOne(queue);
    expect(second.MessageId).toBe(first.MessageId);
    expect(second.Attributes).toMatchObject({
      ApproximateReceiveCount: "2",
      ApproximateFirstReceiveTimestamp: first.Attributes?.ApproximateFirstReceiveTimestamp,
    });
    // The old handle deletes nothing and extends nothing.
    await remove(queue, first);
    await expectRefusal(hide(queue, first, 60), { name: "InvalidParameterValue" });
    expect(await queue.counts()).toEqual([0, 1, 0]);
    await remove(queue, second);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  test("is hidden for longer, or not at all, when its visibility is changed", async () => {
    await queue.send("m");
    const first = await receiveOne(queue);
    fixture.clock.advance(20 * SECOND_MS);
    await hide(queue, first, 60);
    fixture.clock.advance(59 * SECOND_MS);
    expect(await queue.receive()).toEqual([]);
    await hide(queue, first, 0);
    await expectRefusal(hide(queue, first, 60), {
      name: "MessageNotInflight",
      code: "AWS.SimpleQueueService.MessageNotInflight",
    });
    const second = await receiveOne(queue);
    fixture.clock.advance(5 * SECOND_MS);
    await expectRefusal(hide(queue, second, 43_196), { name: "InvalidParameterValue" });
    await hide(queue, second, 43_190);
    expect(await queue.counts()).toEqual([0, 1, 0]);
  });

  test("of a visibility timeout of zero stays visible", async () => {
    await queue.send("m");
    expect(await queue.receive({ VisibilityTimeout: 0 })).toHaveLength(1);
    expect(await queue.receive({ VisibilityTimeout: 0 })).toHaveLength(1);
    expect(await queue.counts()).toEqual([1, 0, 0]);
  });

  test("with a delay comes when it is over, by its own delay or the queue's", async () => {
    await queue.send("own", { DelaySeconds: 900 });
    const late = fixture.queue("late");
    await late.send("the queue's");
    await late.send("none", { DelaySeconds: 0 });
    expect(await queue.counts()).toEqual([0, 0, 1]);
    expect(bodies(await late.receive())).toEqual(["none"]);
    fixture.clock.advance(60 * SECOND_MS);
    expect(bodies(await late.receive())).toEqual(["none", "the queue's"]);
    fixture.clock.advance(839 * SECOND_MS);
    expect(await queue.receive()).toEqual([]);
    fixture.clock.advance(SECOND_MS);
    expect(bodies(await queue.receive())).toEqual(["own"]);
  });

  test("is never shown after its retention, and swept", async () => {
    const late = fixture.queue("late");
    await late.send("m", { DelaySeconds: 0 });
    fixture.clock.advance(3599 * SECOND_MS);
    expect(await late.receive()).toHaveLength(1);
    fixture.clock.advance(SECOND_MS);
    expect(await late.counts()).toEqual([0, 0, 0]);
    expect(await late.receive()).toEqual([]);
    expect(fixture.sqs.sweep()).toBe(1);
    expect(fixture.sqs.sweep()).toBe(0);
  });
});

test("a message received too often goes to the dead-letter queue as it is", async () => {
  const failing = fixture.queue("failing");
  const id = await failing.send("poison", {
    MessageAttributes: { why: { DataType: "String", StringValue: "x" } },
  });
  for (const count of ["1", "2"]) {
    const message = await receiveOne(failing);
    expect(message.Attributes?.ApproximateReceiveCount).toBe(count);
    fixture.clock.advance(31 * SECOND_MS);
  }
  expect(await failing.receive()).toEqual([]);
  expect(await failing.counts()).toEqual([0, 0, 0]);
  const dead = await receiveOne(fixture.queue(DEAD));
  expect(dead).toMatchObject({
    MessageId: id,
    Body: "poison",
    MessageAttributes: { why: { StringValue: "x" } },
    Attributes: {
      ApproximateReceiveCount: "3",
      DeadLetterQueueSourceArn: "arn:aws:sqs:eu-central-1:000000000000:failing",
    },
  });
});

test("a purged queue is empty and cannot be purged again for a minute", async () => {
  await queue.send("visible");
  await queue.send("delayed", { DelaySeconds: 9 });
  const purge = () => queue.client.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
  await purge();
  expect(await queue.counts()).toEqual([0, 0, 0]);
  await expectRefusal(purge(), { name: "PurgeQueueInProgress", status: 403 });
  fixture.clock.advance(60 * SECOND_MS);
  await purge();
});

describe("batches", () => {
  test("send, hide and delete each entry for itself", async () => {
    const { Successful = [], Failed } = await queue.client.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: [
          { Id: "a", MessageBody: "1" },
          { Id: "b", MessageBody: "\u0000" },
          { Id: "c", MessageBody: "3", DelaySeconds: 901 },
          { Id: "d", MessageBody: "4" },
        ],
      }),
    );
    expect(Successful.map(({ Id }) => Id)).toEqual(["a", "d"]);
    expect(Failed).toMatchObject([
      { Id: "b", SenderFault: true, Code: "InvalidMessageContents" },
      { Id: "c", SenderFault: true, Code: "InvalidParameterValue" },
    ]);
    const received = await queue.receive();
    expect(bodies(received)).toEqual(["1", "4"]);
    const handles = [...received.map(({ ReceiptHandle }) => ReceiptHandle), "no handle"];
    const entries = handles.map((ReceiptHandle, index) => ({ Id: `${index}`, ReceiptHandle }));
    const hidden = await queue.client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queue.url,
        Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 600 })),
      }),
    );
    expect(hidden.Failed).toMatchObject([{ Id: "2", Code: "ReceiptHandleIsInvalid" }]);
    fixture.clock.advance(599 * SECOND_MS);
    expect(await queue.counts()).toEqual([0, 2, 0]);
    const deleted = await queue.client.send(
      new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries: entries }),
    );
    expect(deleted.Successful).toEqual([{ Id: "0" }, { Id: "1" }]);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  const entry = { Id: "a", MessageBody: "m" };
  test.each([
    ["EmptyBatchRequest", []],
    [
      "TooManyEntriesInBatchRequest",
      Array.from({ length: 11 }, (_, index) => ({ ...entry, Id: `${index}` })),
    ],
    ["BatchEntryIdsNotDistinct", [entry, entry]],
    ["InvalidBatchEntryId", [{ ...entry, Id: "a b" }]],
    ["BatchRequestTooLong", ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(524_289) }))],
  ])("%s refuses all", async (name, Entries) => {
    const command = new SendMessageBatchCommand({ QueueUrl: queue.url, Entries });
    const code = `AWS.SimpleQueueService.${name}`;
    await expectRefusal(queue.client.send(command), { name, code });
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });
});

describe("limits", () => {
  test("a message of 1 MiB is taken, one of a byte more is not", async () => {
    const MessageAttributes = { k: { DataType: "String", StringValue: "v" } };
    // Name, type and value of an attribute count.
    const most = 1_048_576 - "kStringv".length;
    await queue.send("x".repeat(most), { MessageAttributes });
    const over = queue.send("x".repeat(most + 1), { MessageAttributes });
    await expectRefusal(over, { name: "InvalidParameterValue", code: "InvalidParameterValue" });
    await expect(over).rejects.toThrow("Message must be shorter than 1048576 bytes.");
  });

  test.each([
    ["no body", "", {}, "MissingParameter"],
    ["a character XML has not", "\u001f", {}, "InvalidMessageContents"],
    ["a lone surrogate", "\ud800", {}, "InvalidMessageContents"],
    ["a delay below zero", "m", { DelaySeconds: -1 }, "InvalidParameterValue"],
    ["a group id of 129", "m", { MessageGroupId: "g".repeat(129) }, "InvalidParameterValue"],
    ["a deduplication id", "m", { MessageDeduplicationId: "d" }, "InvalidParameterValue"],
    [
      "eleven attributes",
      "m",
      {
        MessageAttributes: Object.fromEntries(
          Array.from({ length: 11 }, (_, at) => [
            `a${at}`,
            { DataType: "String", StringValue: "v" },
          ]),
        ),
      },
      "InvalidParameterValue",
    ],
    [
      "an attribute of AWS's name",
      "m",
      { MessageAttributes: { "AWS.x": { DataType: "String", StringValue: "v" } } },
      "InvalidParameterValue",
    ],
    [
      "an attribute of no type",
      "m",
      { MessageAttributes: { a: { DataType: "Text", StringValue: "v" } } },
      "InvalidParameterValue",
    ],
  ])("a message with %s is refused", async (_, body, rest, name) => {
    await expectRefusal(queue.send(body, rest), { name });
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  test.each([
    { MaxNumberOfMessages: 0 },
    { MaxNumberOfMessages: 11 },
    { WaitTimeSeconds: 21 },
    { VisibilityTimeout: 43_201 },
  ])("a receive with %o is refused", async (input) => {
    await expectRefusal(queue.receive(input), { name: "InvalidParameterValue" });
  });
});

describe("queues", () => {
  test("are found by name, with their attributes", async () => {
    const { client } = fixture;
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: "failing" }));
    expect(QueueUrl).toBe(`${fixture.sqs.endpoint}/000000000000/failing`);
    const { QueueUrls } = await client.send(new ListQueuesCommand({ QueueNamePrefix: "f" }));
    expect(QueueUrls).toEqual([QueueUrl]);
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: "0",
      DelaySeconds: "0",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      QueueArn: "arn:aws:sqs:eu-central-1:000000000000:failing",
      ReceiveMessageWaitTimeSeconds: "0",
      VisibilityTimeout: "30",
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:dead-jobs","maxReceiveCount":2}',
    });
  });

  test("that are not there are refused", async () => {
    const code = "AWS.SimpleQueueService.NonExistentQueue";
    const refusal = { name: "QueueDoesNotExist", code };
    const url = fixture.queue().url;
    for (const QueueUrl of [`${url}s`, url.replace("000000000000", "111111111111")]) {
      await expectRefusal(fixture.client.send(new PurgeQueueCommand({ QueueUrl })), refusal);
    }
    const asked = fixture.client.send(new GetQueueUrlCommand({ QueueName: "nobody" }));
    await expectRefusal(asked, refusal);
  });

  test.each([
    [[{ name: "q.fifo" }]],
    [[{ name: "q", visibilityTimeoutSeconds: 43_201 }]],
    [[{ name: "q", retentionSeconds: 59 }]],
    [[{ name: "q", redrive: { deadLetterQueue: "d", maxReceiveCount: 3 } }]],
    [[{ name: "q", redrive: { deadLetterQueue: "q", maxReceiveCount: 3 } }]],
    [[{ name: "q", redrive: { deadLetterQueue: "d", maxReceiveCount: 0 } }, { name: "d" }]],
    [[{ name: "q" }, { name: "q" }]],
  ])("%o cannot be made", async (queues) => {
    await expect(sqsWith(queues)).rejects.toMatchObject({ code: "QUEUE_TEMPLATE" });
  });
});
