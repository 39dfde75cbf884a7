import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bodies, DEAD, QUEUE, type QueueDriver, sqsClient, sqsWith } from "./sqs-fixture.ts";

let fixture: Awaited<ReturnType<typeof sqsWith>>;
let queue: QueueDriver;
beforeEach(async () => {
  fixture = await sqsWith([
    { name: QUEUE, redrive: { deadLetterQueue: DEAD, maxReceiveCount: 1 } },
    { name: DEAD },
    { name: "long", receiveWaitSeconds: 20 },
  ]);
  queue = fixture.queue();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const LONG = { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 };

async function sentTo(name: string): Promise<QueueDriver> {
  const driver = fixture.queue(name);
  await driver.send("m");
  return driver;
}

/** How often a request of this kind has been answered. */
const answered = (operation: string) =>
  fixture.usage.filter((usage) => usage.operation === operation).length;

describe("a long poll", () => {
  test("ends with the message that is sent meanwhile", async () => {
    const waiting = queue.receive(LONG);
    await queue.send("m");
    expect(bodies(await waiting)).toEqual(["m"]);
    expect(answered("ReceiveMessage")).toBe(1);
  });

  test("gives each of several messages to one of those who wait", async () => {
    const waiting = Promise.all(Array.from({ length: 4 }, () => queue.receive(LONG)));
    const sent = ["a", "b", "c", "d"];
    for (const body of sent) await queue.send(body);
    expect((await waiting).flatMap(bodies).sort()).toEqual(sent);
    expect(await queue.counts()).toEqual([0, 4, 0]);
  });

  test("ends when a delay is over by the clock, however it got there", async () => {
    await queue.send("delayed", { DelaySeconds: 900 });
    const waiting = queue.receive(LONG);
    fixture.clock.advance(899_900);
    expect(bodies(await waiting)).toEqual(["delayed"]);
  });

  test("ends when a message is given back", async () => {
    const dead = await sentTo(DEAD);
    const [message] = await dead.receive();
    const waiting = dead.receive(LONG);
    const input = { QueueUrl: dead.url, VisibilityTimeout: 0 };
    const { ReceiptHandle } = message ?? {};
    await dead.client.send(new ChangeMessageVisibilityCommand({ ...input, ReceiptHandle }));
    expect(await waiting).toHaveLength(1);
  });

  test("at a dead-letter queue ends when a message comes there", async () => {
    await queue.send("poison");
    await queue.receive();
    const waiting = fixture.queue(DEAD).receive(LONG);
    fixture.clock.advance(30_000);
    expect(await queue.receive()).toEqual([]);
    expect(bodies(await waiting)).toEqual(["poison"]);
  });

  test("without any message ends empty after its time", async () => {
    const startedAt = performance.now();
    expect(await queue.receive({ WaitTimeSeconds: 1 })).toEqual([]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  test("is the queue's own where the request names no time", async () => {
    const long = fixture.queue("long");
    const waiting = long.receive();
    await long.send("m");
    expect(await waiting).toHaveLength(1);
    // Zero asks for a short one.
    expect(await long.receive({ WaitTimeSeconds: 0 })).toEqual([]);
  });

  test("of a client that left takes no message", async () => {
    const leaving = new AbortController();
    const client = sqsClient(fixture.sqs.endpoint);
    const input = { QueueUrl: queue.url, ...LONG };
    const gone = client.send(new ReceiveMessageCommand(input), { abortSignal: leaving.signal });
    const failed = expect(gone).rejects.toMatchObject({ name: "AbortError" });
    // The server has read the request once it has answered a later one on another connection.
    await queue.counts();
    leaving.abort();
    await failed;
    const next = queue.receive(LONG);
    await queue.send("m");
    expect(bodies(await next)).toEqual(["m"]);
    client.destroy();
  });

  test("does not keep the service from closing", async () => {
    const own = await sqsWith();
    const waiting = own.queue().receive(LONG);
    const failed = expect(waiting).rejects.toThrow();
    await own.queue().counts();
    await own[Symbol.asyncDispose]();
    await failed;
  });
});

test("what is deleted after its visibility timeout, but not received again, is gone", async () => {
  const dead = await sentTo(DEAD);
  const [message] = await dead.receive();
  fixture.clock.advance(60_000);
  expect(await dead.counts()).toEqual([1, 0, 0]);
  const { ReceiptHandle } = message ?? {};
  await dead.client.send(new DeleteMessageCommand({ QueueUrl: dead.url, ReceiptHandle }));
  expect(await dead.counts()).toEqual([0, 0, 0]);
});
