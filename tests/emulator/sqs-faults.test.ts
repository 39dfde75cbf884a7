import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  bodies,
  expectRefusal,
  PLACE,
  QUEUE,
  QueueDriver,
  sqsClient,
  sqsWith,
} from "./sqs-fixture.ts";

let fixture: Awaited<ReturnType<typeof sqsWith>>;
let queue: QueueDriver;
beforeEach(async () => {
  fixture = await sqsWith();
  queue = fixture.queue();
});
afterEach(() => fixture[Symbol.asyncDispose]());

describe("faults", () => {
  test.each([
    ["throttle", 403, "RequestThrottled"],
    ["error", 500, "InternalFailure"],
  ] as const)("%s answers %d %s and does nothing", async (kind, status, name) => {
    fixture.faults.add({ service: "sqs", operation: "SendMessage", action: { kind }, times: 1 });
    await expectRefusal(queue.send("m"), { name, status });
    expect(await queue.counts()).toEqual([0, 0, 0]);
    await queue.send("m");
    expect(await queue.counts()).toEqual([1, 0, 0]);
  });

  test("a client that retries gets over them", async () => {
    fixture.faults.add({ service: "sqs", action: { kind: "throttle" }, times: 1 });
    fixture.faults.add({ service: "sqs", action: { kind: "error" }, times: 1 });
    const client = sqsClient(fixture.sqs.endpoint, { maxAttempts: 3 });
    await new QueueDriver(client, queue.url).send("m");
    expect(fixture.usage.map(({ status }) => status)).toEqual([403, 500, 200]);
    client.destroy();
  });

  test("a send whose answer is lost and that is tried again is two messages", async () => {
    const action = { kind: "lose-answer" } as const;
    fixture.faults.add({ service: "sqs", operation: "SendMessage", action, times: 1 });
    await expect(queue.send("m")).rejects.toThrow();
    expect(fixture.usage[0]).toMatchObject({ operation: "SendMessage", queue: QUEUE, status: 0 });
    await queue.send("m");
    const received = await queue.receive();
    expect(bodies(received)).toEqual(["m", "m"]);
    expect(new Set(received.map(({ MessageId }) => MessageId)).size).toBe(2);
  });

  test("a receive whose answer is lost hides its message until its timeout", async () => {
    await queue.send("m");
    const action = { kind: "lose-answer" } as const;
    fixture.faults.add({ service: "sqs", operation: "ReceiveMessage", action, times: 1 });
    await expect(queue.receive()).rejects.toThrow();
    expect(await queue.receive()).toEqual([]);
    fixture.clock.advance(30_000);
    const [message] = await queue.receive();
    expect(message?.Attributes?.ApproximateReceiveCount).toBe("2");
  });

  test("a delayed request is carried out after its delay", async () => {
    const action = { kind: "delay", ms: 150 } as const;
    fixture.faults.add({ service: "sqs", operation: "SendMessage", action, times: 1 });
    const order: string[] = [];
    await Promise.all([
      queue.send("slow").then(() => order.push("slow")),
      queue.counts().then(() => order.push("quick")),
    ]);
    expect(order).toEqual(["quick", "slow"]);
    expect(await queue.counts()).toEqual([1, 0, 0]);
  });

  test("a message delivered twice comes again though it was deleted", async () => {
    const id = await queue.send("m");
    const action = { kind: "duplicate" } as const;
    fixture.faults.add({ service: "sqs", operation: "ReceiveMessage", action, times: 1 });
    const remove = (ReceiptHandle?: string) =>
      queue.client.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
    const [first] = await queue.receive();
    await remove(first?.ReceiptHandle);
    const [second] = await queue.receive();
    expect([first?.MessageId, second?.MessageId]).toEqual([id, id]);
    await remove(second?.ReceiptHandle);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  test("a message sent twice over is one message in two hands", async () => {
    const action = { kind: "duplicate" } as const;
    fixture.faults.add({ service: "sqs", operation: "SendMessage", action, times: 1 });
    const id = await queue.send("m");
    const received = await queue.receive();
    expect(received.map(({ MessageId }) => MessageId)).toEqual([id, id]);
    expect(new Set(received.map(({ ReceiptHandle }) => ReceiptHandle)).size).toBe(2);
  });
});

test("each request is told with its queue, bytes and what is billed", async () => {
  await queue.send("x".repeat(65_536));
  const [message] = await queue.receive();
  const Entries = [{ Id: "a", ReceiptHandle: message?.ReceiptHandle }];
  await queue.client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  const told = { queue: QUEUE, bytesIn: expect.any(Number), bytesOut: expect.any(Number) };
  expect(fixture.usage).toEqual([
    { operation: "SendMessage", ...told, billed: 2, status: 200 },
    { operation: "ReceiveMessage", ...told, billed: 2, status: 200 },
    { operation: "DeleteMessageBatch", ...told, billed: 1, status: 200 },
  ]);
});

test("an operation that is not here says so", async () => {
  const create = queue.client.send(new CreateQueueCommand({ QueueName: "another" }));
  await expectRefusal(create, { name: "UnsupportedOperation" });
});

describe("signatures", () => {
  const credentials = { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" };

  test.each([
    ["another secret", { ...credentials, secretAccessKey: "WRONG" }, "SignatureDoesNotMatch"],
    ["an unknown key", { ...credentials, accessKeyId: "OTHER" }, "InvalidClientTokenId"],
  ])("a request signed with %s is refused", async (_, wrong, code) => {
    const client = new SQSClient({
      endpoint: fixture.sqs.endpoint,
      region: PLACE.region,
      credentials: wrong,
      maxAttempts: 1,
    });
    const command = new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "m" });
    await expectRefusal(client.send(command), { name: code, code, status: 403 });
    expect(await queue.counts()).toEqual([0, 0, 0]);
    client.destroy();
  });

  test("temporary credentials of a known key are as good as the key", async () => {
    const client = sqsClient(fixture.sqs.endpoint, {
      credentials: { ...credentials, sessionToken: "token" },
    });
    await new QueueDriver(client, queue.url).send("m");
    client.destroy();
  });

  test("a body changed on its way is refused", async () => {
    const client = sqsClient(fixture.sqs.endpoint);
    client.middlewareStack.add(
      (next) => (args) => {
        const body = JSON.stringify({ QueueUrl: queue.url, MessageBody: "ours" });
        Object.assign(args.request as object, { body });
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    await expectRefusal(new QueueDriver(client, queue.url).send("mine"), {
      name: "SignatureDoesNotMatch",
      status: 403,
    });
    client.destroy();
  });

  test("a request without a signature is refused", async () => {
    const answer = await fetch(fixture.sqs.endpoint, {
      method: "POST",
      headers: { "x-amz-target": "AmazonSQS.ListQueues" },
      body: "{}",
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("content-type")).toBe("application/x-amz-json-1.0");
    expect(answer.headers.get("x-amzn-query-error")).toBe("AccessDenied;Sender");
    expect(await answer.json()).toMatchObject({
      __type: "com.amazon.coral.service#AccessDeniedException",
    });
  });
});
