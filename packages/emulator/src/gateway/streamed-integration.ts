import type { Exchange } from "./exchange.ts";
import { badGateway, exhaust, type Integration, type Refusal, refusalOf } from "./integration.ts";
import type { Invocation } from "./lambda-invoker.ts";
import { MalformedProxyResponse } from "./proxy-response.ts";
import type { ResponseStream } from "./response-stream.ts";
import { before, StreamDeadline } from "./stream-deadline.ts";
import { type Prelude, readPrelude } from "./stream-prelude.ts";

type Ended = Extract<Invocation, { kind: "stream" }>["ended"];

/** A stream whose metadata was read, or that has none. */
type Opening =
  | {
      readonly kind: "opened";
      readonly prelude: Prelude;
      readonly rest: AsyncIterator<Uint8Array>;
      readonly ended: Ended;
    }
  | (Refusal & { readonly rest?: AsyncIterator<Uint8Array> });

/**
 * Invokes the function and passes its response on as it comes. Once begun, a response that passes a
 * limit or ends with a Lambda error is cut. The function's stream is always read to its end: Lambda
 * is never told that a client went away.
 */
export async function runStreamed(integration: Integration): Promise<void> {
  const { exchange, limits } = integration;
  const deadline = new StreamDeadline(limits);
  exchange.integrationStarted();
  const opening = open(integration);
  try {
    const opened = await before(opening, deadline.signal);
    exchange.integrationAnswered();
    if (opened?.kind === "opened") await relay(exchange, opened, deadline);
    else await refuse(exchange, opened, opening);
  } finally {
    deadline.stop();
  }
}

async function open({ functions, route, event }: Integration): Promise<Opening> {
  const invocation = await functions.invoke(route.functionName, event, { streaming: true });
  if (invocation.kind !== "stream") return refusalOf(invocation);
  const rest = invocation.body[Symbol.asyncIterator]();
  try {
    const prelude = await readPrelude(rest);
    if (prelude !== undefined) return { kind: "opened", prelude, rest, ended: invocation.ended };
  } catch (cause) {
    if (cause instanceof MalformedProxyResponse) return { ...badGateway(cause.message), rest };
    return badGateway(messageOf(cause));
  }
  const { error } = await invocation.ended;
  return badGateway(error === undefined ? "The stream ended before its metadata." : nameOf(error));
}

async function relay(
  exchange: Exchange,
  { prelude, rest, ended }: Extract<Opening, { kind: "opened" }>,
  deadline: StreamDeadline,
): Promise<void> {
  const stream = exchange.open(prelude.head);
  deadline.signal.addEventListener("abort", () => {
    exchange.failed(`The ${String(deadline.signal.reason)} limit was reached.`);
    stream.cut();
  });
  deadline.touch();
  const error = await pass(prelude, rest, { stream, deadline }).catch(messageOf);
  const failure = error ?? (await ended).error;
  if (failure === undefined) {
    stream.end();
    return;
  }
  exchange.failed(typeof failure === "string" ? failure : nameOf(failure));
  stream.cut();
}

async function pass(
  { first }: Prelude,
  rest: AsyncIterator<Uint8Array>,
  { stream, deadline }: { stream: ResponseStream; deadline: StreamDeadline },
): Promise<undefined> {
  if (first.length > 0) await stream.write(first);
  for (;;) {
    const { done, value } = await rest.next();
    if (done === true) return undefined;
    deadline.touch();
    await stream.write(value);
  }
}

/** No body can follow: 504 when the deadline passed first, whose invocation is still read to its end. */
async function refuse(
  exchange: Exchange,
  opened: Extract<Opening, { kind: "refused" }> | undefined,
  opening: Promise<Opening>,
): Promise<void> {
  if (opened !== undefined) exchange.failed(opened.error);
  await exchange.refuse(opened?.type ?? "INTEGRATION_TIMEOUT");
  const { rest } = await opening;
  if (rest !== undefined) await exhaust(rest);
}

function nameOf(error: { readonly type: string; readonly message: string }): string {
  return `${error.type}: ${error.message}`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
