import type { EmulatorClock } from "../clock.ts";
import type { LambdaInvoker } from "../gateway/lambda-invoker.ts";
import type { Sqs } from "../sqs/start-sqs.ts";
import type { EventSourceTemplate, FunctionTemplate, Place } from "../template.ts";
import { type BatchReport, EventSource } from "./event-source.ts";

export interface EventSourcesOptions {
  readonly eventSources: readonly EventSourceTemplate[];
  readonly functions: readonly Pick<FunctionTemplate, "name" | "timeoutSeconds">[];
  readonly place: Place;
  readonly sqs: Pick<Sqs, "polled">;
  readonly lambda: LambdaInvoker;
  readonly clock: EmulatorClock;
  /** First wait after Lambda refused a batch; absent: a second. */
  readonly throttleDelayMs?: number;
  readonly onBatch?: (report: BatchReport) => void;
}

export interface EventSources {
  /** Takes no further message; what a function still works on comes again later. */
  close(): void;
}

/** The template asks for an event source mapping that Lambda would refuse. */
export class EventSourceTemplateError extends Error {
  override readonly name = "EventSourceTemplateError";
  readonly code = "EVENT_SOURCE_TEMPLATE";
}

/** Lambda's pollers between queues and functions. @throws EventSourceTemplateError; SqsError QueueDoesNotExist */
export function startEventSources(options: EventSourcesOptions): EventSources {
  const { sqs, lambda, place, clock, functions, onBatch } = options;
  const sources = options.eventSources.map((template) => {
    const queue = sqs.polled(template.queue);
    checkTemplate(template, functions, queue.visibilityTimeoutSeconds);
    return new EventSource({
      template,
      queue,
      region: place.region,
      functions: lambda,
      clock,
      throttleDelayMs: options.throttleDelayMs ?? 1000,
      onBatch,
    });
  });
  for (const source of sources) source.start();
  return {
    close: () => {
      for (const source of sources) source.close();
    },
  };
}

/** Ranges: Lambda API Reference, "CreateEventSourceMapping" and "ScalingConfig". */
const RANGES = {
  batchSize: [1, 10_000],
  batchingWindowSeconds: [0, 300],
  maximumConcurrency: [2, 1000],
} as const;

/** @throws EventSourceTemplateError */
function checkTemplate(
  template: EventSourceTemplate,
  functions: EventSourcesOptions["functions"],
  visibilitySeconds: number,
): void {
  const reason = rangeProblem(template) ?? functionProblem(template, functions, visibilitySeconds);
  if (reason === undefined) return;
  throw new EventSourceTemplateError(`${template.queue} to ${template.functionName}: ${reason}`);
}

function rangeProblem(template: EventSourceTemplate): string | undefined {
  for (const [field, [from, to]] of Object.entries(RANGES)) {
    const value = template[field as keyof typeof RANGES];
    if (value === undefined || (Number.isInteger(value) && value >= from && value <= to)) continue;
    return `${field} is ${value}, not from ${from} to ${to}.`;
  }
  if ((template.batchSize ?? 10) <= 10 || template.batchingWindowSeconds) return undefined;
  return "A batch size above 10 needs a batching window of at least a second.";
}

function functionProblem(
  { functionName }: EventSourceTemplate,
  functions: EventSourcesOptions["functions"],
  visibilitySeconds: number,
): string | undefined {
  const named = functions.find(({ name }) => name === functionName);
  if (named === undefined) return "There is no such function.";
  if (visibilitySeconds >= named.timeoutSeconds) return undefined;
  return `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${named.timeoutSeconds} seconds`;
}
