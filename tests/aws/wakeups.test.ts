import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { createAwsClients, SqsWakeups } from "@zenode/aws";
import { newId, type Wakeup } from "@zenode/core";
import { wakeupsContract } from "@zenode/core/testing";
import { EmulatorClock, FaultPlan, startSqs } from "@zenode/emulator";
import { afterAll, expect, test } from "vitest";

const REGION = "eu-central-1";
const dir = mkdtempSync(join(tmpdir(), "zenode-sqs-"));
const [clock, faults] = [new EmulatorClock(), new FaultPlan()];
const queues = ["one", "two", "three", "four", "five", "six", "failing"];
const sqs = await startSqs({
  dir,
  queues: queues.map((name) => ({ name })),
  place: { account: "000000000000", region: REGION },
  clock,
  faults,
});
afterAll(async () => {
  await sqs.close();
  rmSync(dir, { recursive: true, force: true });
});

const clients = createAwsClients({
  region: REGION,
  endpoints: { sqs: sqs.endpoint },
  credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
});

async function receive(queueUrl: string): Promise<Wakeup[]> {
  const client = await clients.sqs();
  const input = { QueueUrl: queueUrl, MaxNumberOfMessages: 10 };
  const { Messages = [] } = await client.send(new ReceiveMessageCommand(input));
  for (const { ReceiptHandle } of Messages)
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  return Messages.map(({ Body = "" }) => JSON.parse(Body));
}

// A queue of its own for each test.
wakeupsContract("SqsWakeups", async () => {
  const queueUrl = sqs.queueUrl(queues.shift() ?? "");
  return {
    wakeups: new SqsWakeups({ clients, queueUrl }),
    receiveAfter(seconds) {
      clock.advance(seconds * 1000);
      return receive(queueUrl);
    },
  };
});

test("a wakeup that SQS does not take is a failure of the platform's, after the SDK's own attempts", async () => {
  const wakeups = new SqsWakeups({ clients, queueUrl: sqs.queueUrl("failing") });
  const wakeup = { kind: "watch", tenant: "t-a", id: newId("task") } as const;
  faults.add({ service: "sqs", operation: "SendMessage", action: { kind: "error" }, times: 2 });
  await wakeups.wake(wakeup, 0);
  const fault = faults.add({
    service: "sqs",
    operation: "SendMessage",
    action: { kind: "throttle" },
  });
  await expect(wakeups.wake(wakeup, 0)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^SQS did not carry out SendMessage/),
  });
  faults.remove(fault);
  expect(await receive(sqs.queueUrl("failing"))).toEqual([wakeup]);
});
