import { checkWakeSeconds, type Wakeup, type Wakeups } from "@zenode/core";
import { toPlatformError } from "./aws-failure.ts";
import type { AwsClients } from "./clients.ts";

export interface SqsWakeupsOptions {
  readonly clients: AwsClients;
  readonly queueUrl: string;
}

/** Wakeups as delayed messages of a standard queue, whose bodies are JSON of the `Wakeup`. */
export class SqsWakeups implements Wakeups {
  readonly #options: SqsWakeupsOptions;

  constructor(options: SqsWakeupsOptions) {
    this.#options = options;
  }

  /** @throws UnavailableError. */
  async wake({ kind, tenant, id }: Wakeup, afterSeconds: number): Promise<void> {
    const { clients, queueUrl } = this.#options;
    const [{ SendMessageCommand }, client] = await Promise.all([
      import("@aws-sdk/client-sqs"),
      clients.sqs(),
    ]);
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify({ kind, tenant, id }),
      DelaySeconds: checkWakeSeconds(afterSeconds),
    });
    try {
      await client.send(command);
    } catch (cause) {
      throw toPlatformError("SQS", "SendMessage", cause);
    }
  }
}
