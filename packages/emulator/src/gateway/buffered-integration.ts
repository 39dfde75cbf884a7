import { badGateway, exhaust, type Integration, type Refusal, refusalOf } from "./integration.ts";
import type { Invocation } from "./lambda-invoker.ts";
import { MalformedProxyResponse, type ResponseHead, readProxyResponse } from "./proxy-response.ts";
import { before } from "./stream-deadline.ts";

type Answer = { readonly kind: "answer"; readonly head: ResponseHead; readonly body: string };

/** Invokes the function and sends its answer when it is complete; 504 after the limit. */
export async function runBuffered(integration: Integration): Promise<void> {
  const { exchange, route, functions, limits } = integration;
  exchange.integrationStarted();
  const invoked = functions.invoke(route.functionName, integration.event, { streaming: false });
  const timeout = AbortSignal.timeout(limits.bufferedMs);
  const invocation = await before(invoked, timeout);
  exchange.integrationAnswered();
  if (invocation === undefined) {
    await exchange.refuse("INTEGRATION_TIMEOUT");
    await discard(await invoked);
    return;
  }
  const answer = read(invocation);
  if (answer.kind === "answer") {
    await exchange.send(answer.head, answer.body);
    return;
  }
  exchange.failed(answer.error);
  await exchange.refuse(answer.type);
  await discard(invocation);
}

function read(invocation: Invocation): Answer | Refusal {
  if (invocation.kind === "stream") return badGateway("The function streamed its response.");
  if (invocation.kind !== "buffered") return refusalOf(invocation);
  try {
    return { kind: "answer", ...readProxyResponse(invocation.payload) };
  } catch (cause) {
    if (cause instanceof MalformedProxyResponse) return badGateway(cause.message);
    throw cause;
  }
}

async function discard(invocation: Invocation): Promise<void> {
  if (invocation.kind === "stream") await exhaust(invocation.body[Symbol.asyncIterator]());
}
