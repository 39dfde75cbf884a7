import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteMessageCommand, PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Killable, startKillable } from "./killable.ts";
import {
  bodies,
  DEAD,
  expectRefusal,
  PLACE,
  QUEUE,
  QueueDriver,
  sqsClient,
} from "./sqs-fixture.ts";

let dir: string;
let server: Killable;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "emulator-sqs-kill-"));
  server = await startKillable("sqs-process.ts", dir);
});
afterEach(async () => {
  await server.kill();
  rmSync(dir, { recursive: true });
});

async function restart(): Promise<void> {
  await server.kill();
  server = await startKillable("sqs-process.ts", dir);
}

function queueOf(name = QUEUE): QueueDriver {
  return new QueueDriver(sqsClient(server.endpoint), `${server.endpoint}/${PLACE.account}/${name}`);
}

/** Sends one message after the other until the server is gone; keeps the ids acknowledged. */
async function sendUntilKilled(sender: number, acknowledged: Set<string>): Promise<void> {
  const queue = queueOf(DEAD);
  try {
    for (let turn = 1; ; turn++) acknowledged.add(await queue.send(`${sender}/${turn}`));
  } catch (cause) {
    // A refusal is no kill.
    const { $metadata } = cause as { $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode !== undefined) throw cause;
  }
}

test.each([1, 2])("messages acknowledged before a kill are all there, round %d", async () => {
  const acknowledged = new Set<string>();
  const senders = [1, 2, 3, 4].map((sender) => sendUntilKilled(sender, acknowledged));
  await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(60);
  await restart();
  await Promise.all(senders);
  const found = new Set<string | undefined>();
  const queue = queueOf(DEAD);
  for (let batch = await queue.receive(); batch.length > 0; batch = await queue.receive()) {
    for (const { MessageId } of batch) found.add(MessageId);
  }
  expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
  // Of the last send of each sender the answer may have been lost, never more.
  expect(found.size).toBeLessThanOrEqual(acknowledged.size + 4);
});

test("what was handed out and not deleted comes back, with its count; what was deleted does not", async () => {
  const before = queueOf();
  await before.send("kept", { MessageGroupId: "g" });
  await before.send("deleted");
  const received = await before.receive();
  expect(bodies(received)).toEqual(["kept", "deleted"]);
  const ReceiptHandle = received[1]?.ReceiptHandle;
  await before.client.send(new DeleteMessageCommand({ QueueUrl: before.url, ReceiptHandle }));
  await restart();
  const after = queueOf();
  expect(await after.counts()).toEqual([0, 1, 0]);
  const [again, ...none] = await after.receive({ WaitTimeSeconds: 20 });
  expect(none).toEqual([]);
  expect(again).toMatchObject({
    Body: "kept",
    MessageId: received[0]?.MessageId,
    Attributes: { ApproximateReceiveCount: "2", MessageGroupId: "g" },
  });
});

test("receipt handles, delays, receive counts and purges outlive a kill", async () => {
  await queueOf().send("delayed", { DelaySeconds: 600 });
  await queueOf().send("poison");
  await queueOf().receive({ VisibilityTimeout: 0 });
  const [held] = await queueOf().receive({ VisibilityTimeout: 0 });
  expect(held?.Body).toBe("poison");
  await queueOf(DEAD).send("held");
  const [dead] = await queueOf(DEAD).receive();
  const purge = () => {
    const { client, url } = queueOf(DEAD);
    return client.send(new PurgeQueueCommand({ QueueUrl: url }));
  };
  await restart();
  expect(await queueOf().counts()).toEqual([1, 0, 1]);
  expect(await queueOf().receive()).toEqual([]);
  expect(bodies(await queueOf(DEAD).receive())).toEqual(["poison"]);
  const { client, url } = queueOf(DEAD);
  const { ReceiptHandle } = dead ?? {};
  await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  expect(await queueOf(DEAD).counts()).toEqual([0, 1, 0]);
  await purge();
  await restart();
  await expectRefusal(purge(), { name: "PurgeQueueInProgress", status: 403 });
});

test("a folder is served by one process at a time", async () => {
  await expect(startKillable("sqs-process.ts", dir)).rejects.toThrow("ended before");
  await queueOf().send("still served");
});
