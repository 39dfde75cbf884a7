import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
  type SQSClientConfig,
  type SQSServiceException,
} from "@aws-sdk/client-sqs";
import { expect } from "vitest";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import { FaultPlan } from "../../packages/emulator/src/faults/fault-plan.ts";
import type { SqsUsage } from "../../packages/emulator/src/sqs/sqs-api.ts";
import { type Sqs, type SqsOptions, startSqs } from "../../packages/emulator/src/sqs/start-sqs.ts";
import type { QueueTemplate } from "../../packages/emulator/src/template.ts";

export const PLACE = { account: "000000000000", region: "eu-central-1" };
export const QUEUE = "jobs";
export const DEAD = "dead-jobs";

export function sqsClient(endpoint: string, config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    endpoint,
    region: PLACE.region,
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
    maxAttempts: 1,
    ...config,
  });
}

/** A queue through a client, in few words. */
export class QueueDriver {
  readonly client: SQSClient;
  readonly url: string;

  constructor(client: SQSClient, url: string) {
    this.client = client;
    this.url = url;
  }

  async send(body: string, rest: Partial<SendMessageCommandInput> = {}): Promise<string> {
    const command = new SendMessageCommand({ QueueUrl: this.url, MessageBody: body, ...rest });
    return String((await this.client.send(command)).MessageId);
  }

  async receive(rest: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
      ...rest,
    });
    return (await this.client.send(command)).Messages ?? [];
  }

  /** Visible, in flight and delayed messages. */
  async counts(): Promise<number[]> {
    const names = ["", "NotVisible", "Delayed"] as const;
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.url,
      AttributeNames: names.map((name) => `ApproximateNumberOfMessages${name}` as const),
    });
    const { Attributes = {} } = await this.client.send(command);
    return names.map((name) => Number(Attributes[`ApproximateNumberOfMessages${name}`]));
  }
}

export const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

export interface SqsFixture extends AsyncDisposable {
  readonly sqs: Sqs;
  readonly client: SQSClient;
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  readonly usage: SqsUsage[];
  readonly dir: string;
  queue(name?: string): QueueDriver;
}

/** A server of its own on a new folder, with a client that does not retry. */
export async function sqsWith(
  queues: readonly QueueTemplate[] = [{ name: QUEUE }],
  options: Partial<SqsOptions> = {},
): Promise<SqsFixture> {
  const dir = mkdtempSync(join(tmpdir(), "emulator-sqs-"));
  const [clock, faults] = [new EmulatorClock(), new FaultPlan()];
  const usage: SqsUsage[] = [];
  const requests = (entry: SqsUsage) => usage.push(entry);
  const settings = { dir, queues, place: PLACE, clock, faults, requests, ...options };
  const sqs = await startSqs(settings).catch((cause: unknown) => {
    rmSync(dir, { recursive: true });
    throw cause;
  });
  const client = sqsClient(sqs.endpoint);
  const close = async () => {
    client.destroy();
    await sqs.close();
    rmSync(dir, { recursive: true });
  };
  return {
    ...{ sqs, client, clock, faults, usage, dir },
    queue: (name = QUEUE) => new QueueDriver(client, sqs.queueUrl(name)),
    [Symbol.asyncDispose]: close,
  };
}

/** The request is refused with this error of the SDK, whose code is that of the query protocol. */
export async function expectRefusal(
  request: Promise<unknown>,
  refusal: { name: string; status?: number; code?: string },
): Promise<void> {
  const outcome = await request.then(
    () => undefined,
    (cause: SQSServiceException & { Error?: { Code?: string } }) => cause,
  );
  expect(outcome?.name).toBe(refusal.name);
  expect(outcome?.$metadata?.httpStatusCode).toBe(refusal.status ?? 400);
  if (refusal.code !== undefined) expect(outcome?.Error?.Code).toBe(refusal.code);
}
