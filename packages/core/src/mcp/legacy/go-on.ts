import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import { allows, toOAuthScope } from "../../access/scope.ts";
import { findOwnJob } from "../../burst/own-job.ts";
import { findEnd } from "../../log/find-end.ts";
import type { Session } from "../../session/session-store.ts";
import { toolFailure } from "../error-to-wire.ts";
import type { Served } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { requiredScope } from "../required-scope.ts";
import { SSE_VERSIONS } from "../server.ts";
import { continueStream } from "./continued-stream.ts";
import type { Outlet } from "./outlet.ts";
import { type ParkedCall, ParkedCalls } from "./parked-call.ts";
import { SessionRun } from "./session-run.ts";
import { remember } from "./session-state.ts";
import { SseOutlet } from "./sse-outlet.ts";
import { newStreamId, parseWireId, type SessionStreams } from "./stream-names.ts";
import { isAnswer } from "./transport.ts";

export interface GoingOn {
  readonly request: Request;
  readonly session: Session;
  readonly streams: SessionStreams;
}

/**
 * Goes on with the parked calls that waited for these messages and nothing else, and ends those that
 * these take back, if nobody else does.
 */
export async function goOn(
  served: Served,
  call: McpCall,
  going: GoingOn & { readonly messages: readonly JSONRPCMessage[] },
): Promise<void> {
  const runs = new Set(going.messages.filter(isAnswer).map(({ id }) => parseWireId(id)?.streamId));
  for (const runId of runs) if (runId !== undefined) await goOnWith(served, call, going, runId);
  for (const message of going.messages) {
    const requestId = toTakenBack(message);
    if (requestId !== undefined) await endTakenBack(served, call, going, requestId);
  }
}

function toTakenBack(message: JSONRPCMessage): string | number | undefined {
  const { method, params } = message as { method?: unknown; params?: { requestId?: unknown } };
  const id = method === "notifications/cancelled" ? params?.requestId : undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

async function endTakenBack(
  served: Served,
  call: McpCall,
  { streams }: GoingOn,
  requestId: string | number,
): Promise<void> {
  const calls = new ParkedCalls(served.ports.log, streams);
  const runId = await calls.runOf(requestId);
  const parked = runId === undefined ? undefined : await calls.find(runId);
  if (runId === undefined || !parked || !(await calls.take(runId))) return;
  const outlet = await openOutlet(served, streams, parked.answerStream);
  await Promise.all([outlet.end(), cancelJob(served, call, parked)]);
}

/** The job is asked for again: it must be the caller's. */
async function cancelJob(
  { ports }: Served,
  { principal }: McpCall,
  { task }: ParkedCall,
): Promise<void> {
  const job = task === undefined ? undefined : await findOwnJob(ports.calls, principal, task);
  if (job) await ports.calls.cancel(principal.tenant, job.id);
}

async function goOnWith(
  served: Served,
  call: McpCall,
  going: GoingOn,
  runId: string,
): Promise<void> {
  const calls = new ParkedCalls(served.ports.log, going.streams);
  const parked = await calls.find(runId);
  if (!parked) return;
  const request = await withAnswers(calls, parked);
  if (!request || !(await calls.take(runId))) return;
  const outlet = await openOutlet(served, going.streams, parked.answerStream);
  if (await calls.isCancelled(parked)) {
    await Promise.all([outlet.end(), cancelJob(served, call, parked)]);
    return;
  }
  const refusal = findRefusal(served, call, parked);
  if (refusal !== undefined) {
    const { id } = parked.request;
    const said = outlet.say({ jsonrpc: "2.0", id, result: toolFailure(refusal) });
    await Promise.all([said, outlet.end()]);
    return;
  }
  const { session } = going;
  const run = new SessionRun({
    ...going,
    served,
    call,
    streamId: newStreamId(),
    ...(parked.answerStream === undefined
      ? { versions: SSE_VERSIONS }
      : { answerStream: parked.answerStream }),
    requests: [request],
    outlet,
    onAnswer: (asked, answer) => remember(served, session, asked, answer),
  });
  await (await run.start()).ended;
}

/** The request as a client of 2026-07-28 would send it again; undefined: an answer is still missing. */
async function withAnswers(
  calls: ParkedCalls,
  parked: ParkedCall,
): Promise<JSONRPCRequest | undefined> {
  const { request, requestState } = parked;
  const inputResponses = await calls.answers(parked);
  if (!inputResponses) return undefined;
  const more = { inputResponses, ...(requestState !== undefined && { requestState }) };
  return { ...request, params: { ...request.params, ...more } };
}

/** The token of who goes on may allow less than the one that called. */
export function findRefusal(
  served: Served,
  { principal }: McpCall,
  { request }: Pick<ParkedCall, "request">,
): string | undefined {
  const scope = requiredScope(served, request);
  if (!scope || allows(principal.scopes, scope)) return undefined;
  return `This needs the scope ${toOAuthScope(scope)}.`;
}

async function openOutlet(
  served: Served,
  streams: SessionStreams,
  id: string | undefined,
): Promise<Outlet> {
  const { ports } = served;
  if (id === undefined) return new SseOutlet(ports.log, streams.sse);
  const { next } = await findEnd(ports.log, streams.answer(id));
  // The call is ours, but who parked it may be about to say so.
  const { stream, outlet } = continueStream(served, streams, { id, next, joins: true });
  // Nobody reads this one: the client takes the stream up by a GET.
  await stream.detach();
  return outlet;
}
