import type { EmulatorClock } from "../clock.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { serve } from "../http/serve.ts";
import type { Place, QueueTemplate } from "../template.ts";
import type { MessageCounts } from "./message-store.ts";
import { PolledQueue } from "./polled-queue.ts";
import { QueueUrls } from "./queue-attributes.ts";
import { Queues } from "./queues.ts";
import type { Credentials } from "./signature.ts";
import { type SqsUsage, serveRequest } from "./sqs-api.ts";

export interface SqsOptions {
  /** Folder of the messages; what is there is served again. One process at a time. */
  readonly dir: string;
  readonly queues: readonly QueueTemplate[];
  readonly place: Place;
  /** Times of messages. Signatures are checked against the machine's clock, long polls wait in real time. */
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Secrets by access key id; absent: LOCALKEY with LOCALSECRET. */
  readonly credentials?: Credentials;
  /** Called once per request that was answered or whose answer was lost, pollers' of Lambda included. */
  readonly requests?: (usage: SqsUsage) => void;
  /** Between two sweeps of messages past their retention, which no receive shows; absent: a minute. */
  readonly sweepMs?: number;
  /** Of a poller after a request that failed; absent: a second. */
  readonly pollRetryMs?: number;
}

export interface Sqs {
  readonly endpoint: string;
  readonly port: number;
  /** @throws SqsError QueueDoesNotExist */
  queueUrl(name: string): string;
  /** How many messages are where. @throws SqsError QueueDoesNotExist */
  counts(name: string): MessageCounts;
  /** The queue as pollers of Lambda use it. @throws SqsError QueueDoesNotExist */
  polled(name: string): PolledQueue;
  /** Deletes messages past their retention; returns how many. */
  sweep(): number;
  /** Cuts the connections and gives the folder free once every request under way has ended. */
  close(): Promise<void>;
}

/**
 * Serves SQS (AWS JSON 1.0) on 127.0.0.1. Acknowledged messages outlive a kill of the process.
 * @throws PortTakenError; QueueTemplateError; an SQLite error when another process holds the folder
 */
export async function startSqs(options: SqsOptions): Promise<Sqs> {
  const { place, faults, requests } = options;
  const credentials = options.credentials ?? { LOCALKEY: "LOCALSECRET" };
  const queues = new Queues(options);
  const urls = new QueueUrls(place);
  const closing = new AbortController();
  const parts = { queues, urls, credentials, faults, requests, closing: closing.signal };
  const running = new Set<Promise<void>>();
  const listening = await serve(async (message, response) => {
    const run = serveRequest(parts, message, response);
    running.add(run);
    try {
      await run;
    } finally {
      running.delete(run);
    }
  }, options.port).catch((cause: unknown) => {
    queues.close();
    throw cause;
  });
  urls.endpoint = listening.endpoint;
  const timer = setInterval(() => queues.sweep(), options.sweepMs ?? 60_000);
  timer.unref();
  const retryMs = options.pollRetryMs ?? 1000;
  return {
    endpoint: listening.endpoint,
    port: listening.port,
    queueUrl: (name) => urls.urlOf(queues.get(name).settings.name),
    counts: (name) => queues.get(name).counts(),
    polled: (name) => new PolledQueue({ queue: queues.get(name), faults, requests, retryMs }),
    sweep: () => queues.sweep(),
    close: async () => {
      clearInterval(timer);
      closing.abort();
      await listening.close();
      await Promise.allSettled(running);
      queues.close();
    },
  };
}
