import type { Place, QueueTemplate } from "../template.ts";

/** A queue as it is, with SQS's defaults for what its template left out. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  readonly receiveWaitSeconds: number;
  readonly maximumMessageBytes: number;
  readonly redrive: QueueTemplate["redrive"];
  /** Messages received and neither deleted nor visible again, at most. */
  readonly inFlightLimit: number;
}

/** The template asks for a queue that AWS would refuse. */
export class QueueTemplateError extends Error {
  override readonly name = "QueueTemplateError";
  readonly code = "QUEUE_TEMPLATE";
}

/** Sizes: quotas-messages; standard queues' messages in flight: quotas-queues (SQS Developer Guide). */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
const IN_FLIGHT_LIMIT = 120_000;
export const MAX_DELAY_SECONDS = 900;
export const MAX_VISIBILITY_SECONDS = 12 * 60 * 60;
export const MAX_WAIT_SECONDS = 20;

/** Defaults and ranges: SQS API Reference, "SetQueueAttributes". */
const RANGES = {
  visibilityTimeoutSeconds: { otherwise: 30, from: 0, to: MAX_VISIBILITY_SECONDS },
  retentionSeconds: { otherwise: 4 * 86_400, from: 60, to: 14 * 86_400 },
  delaySeconds: { otherwise: 0, from: 0, to: MAX_DELAY_SECONDS },
  receiveWaitSeconds: { otherwise: 0, from: 0, to: MAX_WAIT_SECONDS },
  maximumMessageBytes: { otherwise: MAX_MESSAGE_BYTES, from: 1024, to: MAX_MESSAGE_BYTES },
} as const;

const NAME = /^[A-Za-z0-9_-]{1,80}$/;

export function queueArn(place: Place, name: string): string {
  return `arn:aws:sqs:${place.region}:${place.account}:${name}`;
}

/** @throws QueueTemplateError */
export function toSettings(template: QueueTemplate, place: Place): QueueSettings {
  const { name, redrive } = template;
  if (!NAME.test(name)) {
    throw new QueueTemplateError(`A standard queue cannot be named ${JSON.stringify(name)}.`);
  }
  const range = (field: keyof typeof RANGES): number => {
    const { otherwise, from, to } = RANGES[field];
    const value = template[field] ?? otherwise;
    if (Number.isInteger(value) && value >= from && value <= to) return value;
    throw new QueueTemplateError(`${name}: ${field} is ${value}, not from ${from} to ${to}.`);
  };
  return {
    name,
    arn: queueArn(place, name),
    visibilityTimeoutSeconds: range("visibilityTimeoutSeconds"),
    retentionSeconds: range("retentionSeconds"),
    delaySeconds: range("delaySeconds"),
    receiveWaitSeconds: range("receiveWaitSeconds"),
    maximumMessageBytes: range("maximumMessageBytes"),
    redrive,
    inFlightLimit: IN_FLIGHT_LIMIT,
  };
}

/** Dead-letter queues must exist and lead nowhere in a circle. @throws QueueTemplateError */
export function checkRedrive(queues: readonly QueueTemplate[]): void {
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  if (byName.size < queues.length) throw new QueueTemplateError("Two queues have one name.");
  for (const queue of queues) {
    const { redrive } = queue;
    if (redrive === undefined) continue;
    const { maxReceiveCount: count } = redrive;
    if (!Number.isInteger(count) || count < 1 || count > 1000) {
      throw new QueueTemplateError(`${queue.name}: maxReceiveCount is from 1 to 1000.`);
    }
    const seen = new Set<string>();
    for (let next: QueueTemplate | undefined = queue; next; next = deadLetterOf(next, byName)) {
      if (seen.has(next.name))
        throw new QueueTemplateError(`${next.name} is its own dead-letter queue.`);
      seen.add(next.name);
    }
  }
}

function deadLetterOf(
  { name, redrive }: QueueTemplate,
  byName: ReadonlyMap<string, QueueTemplate>,
): QueueTemplate | undefined {
  if (redrive === undefined) return undefined;
  const target = byName.get(redrive.deadLetterQueue);
  if (target !== undefined) return target;
  throw new QueueTemplateError(
    `${name}: there is no dead-letter queue ${redrive.deadLetterQueue}.`,
  );
}
