import type { Place } from "../template.ts";
import { type Fields, textList } from "./fields.ts";
import type { Queue } from "./queue.ts";
import type { Queues } from "./queues.ts";
import { SqsError } from "./sqs-error.ts";

/** Between a queue's name and its URL, `<endpoint>/<account>/<name>`. */
export class QueueUrls {
  readonly #place: Place;
  /** Known when the service listens. */
  endpoint = "";

  constructor(place: Place) {
    this.#place = place;
  }

  urlOf(name: string): string {
    return `${this.endpoint}/${this.#place.account}/${name}`;
  }

  /** @throws SqsError QueueDoesNotExist for a queue of another account or no URL at all */
  nameOf(url: string): string {
    const parsed = URL.parse(url);
    const [, account, name, ...rest] = parsed?.pathname.split("/") ?? [];
    if (account !== this.#place.account || name === undefined || rest.length > 0) {
      throw new SqsError("QueueDoesNotExist");
    }
    return name;
  }
}

/** Attributes of an SQS queue that this one does not have. */
const ABSENT = new Set([
  "Policy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
]);

/** @throws SqsError InvalidAttributeName */
export function getQueueAttributes(input: Fields, queue: Queue, queues: Queues): Fields {
  const wanted = textList(input, "AttributeNames");
  if (wanted.length === 0) return {};
  const all = attributesOf(queue, queues);
  const unknown = wanted.find((name) => name !== "All" && !(name in all) && !ABSENT.has(name));
  if (unknown !== undefined && unknown !== "RedrivePolicy") {
    throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  }
  const shown = Object.entries(all).filter(
    ([name]) => wanted.includes("All") || wanted.includes(name),
  );
  return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) };
}

function attributesOf(queue: Queue, queues: Queues): Record<string, string> {
  const { settings, deadLetter } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  const created = String(Math.floor(queues.createdMs(settings.name) / 1000));
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: created,
    LastModifiedTimestamp: created,
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    QueueArn: settings.arn,
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    SqsManagedSseEnabled: "true",
    ...(deadLetter !== undefined && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: deadLetter.settings.arn,
        maxReceiveCount: settings.redrive?.maxReceiveCount,
      }),
    }),
  };
}
