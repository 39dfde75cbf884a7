import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { bodyCutOf, type FaultAction, type FaultPlan } from "../faults/fault-plan.ts";
import { BodyTooLargeError, readBody } from "../http/serve.ts";
import type { Place } from "../template.ts";
import { meterRequest, type Units } from "./consumed-capacity.ts";
import { type Answer, errorAnswer } from "./service-error.ts";
import { type Upstream, UpstreamError } from "./upstream.ts";

/** One request as it ended; bytes are of the bodies. */
export interface DynamoDbUsage extends Units {
  readonly operation: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** 0: the answer was lost. */
  readonly status: number;
}

export interface ProxyParts {
  readonly upstream: Upstream;
  readonly place: Place;
  readonly faults: FaultPlan;
  readonly requests: ((usage: DynamoDbUsage) => void) | undefined;
  /** Aborted at close: ends what is delayed by a fault. */
  readonly closing: AbortSignal;
}

/** DynamoDB takes requests of up to 16 MB; base64 and names of a batch come on top. */
const REQUEST_BYTES = 32 * 1024 * 1024;
/** Dynoxide's own place. */
const ENGINE_ARN = "arn:aws:dynamodb:dynoxide:000000000000:";

interface Served {
  readonly answer: Answer;
  readonly units: Units;
}

const NO_UNITS: Units = { readUnits: 0, writeUnits: 0 };

/** Passes a request on to the engine, with the faults asked for and its consumption told. */
export async function proxyRequest(
  parts: ProxyParts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const operation = String(message.headers["x-amz-target"] ?? "").replace(/^.*\./, "");
  const fault = parts.faults.draw("dynamodb", operation);
  let bytesIn = 0;
  let served: Served;
  try {
    const body = await readBody(message, REQUEST_BYTES);
    bytesIn = body.length;
    if (fault?.kind === "delay") await delay(fault.ms, undefined, { signal: parts.closing });
    served = await answer(parts, message, { operation, body, fault });
  } catch (cause) {
    // The client left in the middle of its body, or the server is closing: there is nobody to answer.
    if (parts.closing.aborted || (message.destroyed && !message.complete)) return;
    if (!(cause instanceof BodyTooLargeError)) throw cause;
    served = { answer: errorAnswer("tooLarge"), units: NO_UNITS };
  }
  const bytesOut = deliver(response, served.answer, fault);
  parts.requests?.({
    operation,
    ...served.units,
    bytesIn,
    bytesOut,
    status: fault?.kind === "lose-answer" ? 0 : served.answer.status,
  });
}

async function answer(
  parts: ProxyParts,
  message: IncomingMessage,
  asked: { operation: string; body: Buffer; fault: FaultAction | undefined },
): Promise<Served> {
  const { operation, body, fault } = asked;
  const { headers } = message;
  if (fault?.kind === "throttle") return { answer: errorAnswer("throttle"), units: NO_UNITS };
  if (fault?.kind === "error") return { answer: errorAnswer("internal"), units: NO_UNITS };
  if (!/Credential=[^/,\s]+\//.test(headers.authorization ?? "")) {
    return { answer: errorAnswer("unsigned"), units: NO_UNITS };
  }
  try {
    if (parts.requests === undefined) {
      const plain = await parts.upstream.send(headers, body);
      return { answer: inPlace(plain, operation, parts.place), units: NO_UNITS };
    }
    const metered = meterRequest(operation, body);
    const { answer: told, units } = metered.meter(await parts.upstream.send(headers, metered.body));
    return { answer: inPlace(told, operation, parts.place), units };
  } catch (cause) {
    if (cause instanceof UpstreamError) return { answer: errorAnswer("internal"), units: NO_UNITS };
    throw cause;
  }
}

/** Names of resources carry our place. Only table operations answer with any. */
function inPlace(answer: Answer, operation: string, place: Place): Answer {
  if (!/Table|Resource/.test(operation) || !answer.body.includes(ENGINE_ARN)) return answer;
  const ours = `arn:aws:dynamodb:${place.region}:${place.account}:`;
  const { "x-amz-crc32": _, ...headers } = answer.headers;
  const body = Buffer.from(answer.body.toString().replaceAll(ENGINE_ARN, ours));
  return { ...answer, headers, body };
}

function deliver(response: ServerResponse, answer: Answer, fault: FaultAction | undefined): number {
  if (fault?.kind === "lose-answer") {
    response.destroy();
    return 0;
  }
  const { status, headers, body } = answer;
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  const cut = bodyCutOf(fault);
  if (!cut || cut.afterBytes >= body.length) {
    response.end(body);
    return body.length;
  }
  if (cut.afterBytes === 0) response.flushHeaders();
  else response.write(body.subarray(0, cut.afterBytes));
  // What was written still goes out: a torn answer is a prefix of the whole one.
  if (cut.connection === "closed") response.socket?.destroySoon();
  return cut.afterBytes;
}
