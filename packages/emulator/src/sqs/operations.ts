import { parseEntries, runEntries } from "./batch.ts";
import { type Fields, missing, optionalInteger, optionalText, requiredText } from "./fields.ts";
import type { ReceivedMessage } from "./message.ts";
import type { Queue } from "./queue.ts";
import { getQueueAttributes, type QueueUrls } from "./queue-attributes.ts";
import { MAX_MESSAGE_BYTES, MAX_VISIBILITY_SECONDS, MAX_WAIT_SECONDS } from "./queue-settings.ts";
import type { Queues } from "./queues.ts";
import { presenter } from "./received.ts";
import { parseSending } from "./send.ts";
import { SqsError } from "./sqs-error.ts";

export interface OperationContext {
  readonly queues: Queues;
  readonly urls: QueueUrls;
  /** Who signed the request. */
  readonly senderId: string;
  /** Asked for by a fault: what is sent or received is delivered once more. */
  readonly duplicate: boolean;
  /** Aborted when the client is gone or the service closes. */
  readonly signal: AbortSignal;
}

type Operation = (input: Fields, context: OperationContext) => Fields | Promise<Fields>;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ChangeMessageVisibility,
    ChangeMessageVisibilityBatch,
    DeleteMessage,
    DeleteMessageBatch,
    GetQueueAttributes,
    GetQueueUrl,
    ListQueues,
    PurgeQueue,
    ReceiveMessage,
    SendMessage,
    SendMessageBatch,
  }),
);

/** Operations of SQS that are not here; a name that is not among them either is no operation. */
const OTHERS =
  /^(AddPermission|CancelMessageMoveTask|CreateQueue|DeleteQueue|ListDeadLetterSourceQueues|ListMessageMoveTasks|ListQueueTags|RemovePermission|SetQueueAttributes|StartMessageMoveTask|TagQueue|UntagQueue)$/;

const within = (from: number, to: number) => {
  return { from, to, reason: `Must be >= ${from} and <= ${to}, if provided.` };
};
const LIMIT = { from: 1, to: 10, reason: "Must be between 1 and 10, if provided." };
const VISIBILITY = within(0, MAX_VISIBILITY_SECONDS);
const WAIT = within(0, MAX_WAIT_SECONDS);

/** Carries out one operation of the SQS API (version 2012-11-05). @throws SqsError */
export async function runOperation(
  name: string,
  input: Fields,
  context: OperationContext,
): Promise<Fields> {
  const operation = OPERATIONS.get(name);
  if (operation !== undefined) return await operation(input, context);
  throw new SqsError(OTHERS.test(name) ? "UnsupportedOperation" : "UnknownOperation");
}

/** The queue a request names by its URL. @throws SqsError MissingParameter, QueueDoesNotExist */
function queueOf(input: Fields, { queues, urls }: OperationContext): Queue {
  return queues.get(urls.nameOf(requiredText(input, "QueueUrl")));
}

function GetQueueUrl(input: Fields, { queues, urls }: OperationContext): Fields {
  const { name } = queues.get(requiredText(input, "QueueName")).settings;
  return { QueueUrl: urls.urlOf(name) };
}

function ListQueues(input: Fields, { queues, urls }: OperationContext): Fields {
  const prefix = optionalText(input, "QueueNamePrefix") ?? "";
  const found = queues.names().filter((name) => name.startsWith(prefix));
  return found.length === 0 ? {} : { QueueUrls: found.map((name) => urls.urlOf(name)) };
}

function GetQueueAttributes(input: Fields, context: OperationContext): Fields {
  const queue = queueOf(input, context);
  return getQueueAttributes(input, queue, context.queues);
}

function PurgeQueue(input: Fields, context: OperationContext): Fields {
  context.queues.purge(queueOf(input, context).settings.name);
  return {};
}

function SendMessage(input: Fields, context: OperationContext): Fields {
  const queue = queueOf(input, context);
  const { message, answer } = parseSending(input, queue.settings, context.senderId);
  queue.send([message], { copies: context.duplicate ? 2 : 1 });
  return answer;
}

function SendMessageBatch(input: Fields, context: OperationContext): Fields {
  const queue = queueOf(input, context);
  const parse = (fields: Fields) => parseSending(fields, queue.settings, context.senderId);
  const entries = parseEntries(input);
  const { done, failed } = runEntries(entries, parse);
  const bytes = done.reduce((sum, { result }) => sum + result.bytes, 0);
  if (bytes > MAX_MESSAGE_BYTES) {
    const message = `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`;
    throw new SqsError("BatchRequestTooLong", message);
  }
  queue.send(
    done.map(({ result }) => result.message),
    { copies: context.duplicate ? 2 : 1 },
  );
  return {
    Successful: done.map(({ id, result }) => ({ Id: id, ...result.answer })),
    Failed: failed,
  };
}

async function ReceiveMessage(input: Fields, context: OperationContext): Promise<Fields> {
  const queue = queueOf(input, context);
  const { visibilityTimeoutSeconds, receiveWaitSeconds } = queue.settings;
  const present = presenter(input);
  const options = {
    limit: optionalInteger(input, "MaxNumberOfMessages", LIMIT) ?? 1,
    visibilityTimeoutSeconds:
      optionalInteger(input, "VisibilityTimeout", VISIBILITY) ?? visibilityTimeoutSeconds,
  };
  const waitMs = 1000 * (optionalInteger(input, "WaitTimeSeconds", WAIT) ?? receiveWaitSeconds);
  const until = performance.now() + waitMs;
  let messages = receiveOrNone(queue, options, waitMs > 0);
  while (messages.length === 0 && !context.signal.aborted && performance.now() < until) {
    await queue.wait({ waitMs: until - performance.now(), signal: context.signal });
    // What is handed to a client that is gone would be hidden from all others.
    if (!context.signal.aborted) messages = receiveOrNone(queue, options, true);
  }
  if (context.duplicate) queue.duplicate(messages);
  return messages.length === 0 ? {} : { Messages: messages.map(present) };
}

/** With too many messages in flight a long poll finds none and is told nothing ("Amazon SQS long polling"). */
function receiveOrNone(
  queue: Queue,
  options: { limit: number; visibilityTimeoutSeconds: number },
  long: boolean,
): ReceivedMessage[] {
  try {
    return queue.receive(options);
  } catch (cause) {
    if (long && cause instanceof SqsError && cause.code === "OverLimit") return [];
    throw cause;
  }
}

function deleteOne(queue: Queue, fields: Fields): void {
  queue.delete(requiredText(fields, "ReceiptHandle"));
}

function changeOne(queue: Queue, fields: Fields): void {
  const handle = requiredText(fields, "ReceiptHandle");
  const seconds = optionalInteger(fields, "VisibilityTimeout", VISIBILITY);
  if (seconds === undefined) throw missing("VisibilityTimeout");
  queue.changeVisibility(handle, seconds);
}

function DeleteMessage(input: Fields, context: OperationContext): Fields {
  deleteOne(queueOf(input, context), input);
  return {};
}

function ChangeMessageVisibility(input: Fields, context: OperationContext): Fields {
  changeOne(queueOf(input, context), input);
  return {};
}

function DeleteMessageBatch(input: Fields, context: OperationContext): Fields {
  const queue = queueOf(input, context);
  return batchAnswer(runEntries(parseEntries(input), (fields) => deleteOne(queue, fields)));
}

function ChangeMessageVisibilityBatch(input: Fields, context: OperationContext): Fields {
  const queue = queueOf(input, context);
  return batchAnswer(runEntries(parseEntries(input), (fields) => changeOne(queue, fields)));
}

function batchAnswer({ done, failed }: ReturnType<typeof runEntries>): Fields {
  return { Successful: done.map(({ id }) => ({ Id: id })), Failed: failed };
}
