import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { findOwnJob } from "../../burst/own-job.ts";
import type { Json } from "../../lib/json.ts";
import { END, type EventLog, type StoredEvent, type StreamKey } from "../../log/event-log.ts";
import type { Served } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { type ContinuedStream, continueStream } from "./continued-stream.ts";
import { findRefusal, type GoingOn } from "./go-on.ts";
import { FOLLOWS, type LoggedStream, MESSAGE, PARKED, RELAYED } from "./logged-stream.ts";
import type { FollowedCall, Outlet } from "./outlet.ts";
import { SessionRun } from "./session-run.ts";
import { remember } from "./session-state.ts";
import { newStreamId } from "./stream-names.ts";
import { isAnswer } from "./transport.ts";

export interface TakingOver extends GoingOn {
  readonly streamId: string;
}

/** A stream that this process writes now. */
export interface TakenOver {
  /** The number of the event by which it does. */
  readonly at: number;
  readonly stream: LoggedStream;
}

/**
 * Goes on with a call that follows a job, for a client that came back to its stream: who has followed it
 * so far is dead, or writes to a connection that nobody reads. The append that says so takes the next
 * number of the stream, so one of several gets it, and the one before notices at its own next append.
 * Nothing is asked of the job but to be followed, from the last event that the client was told of.
 *
 * Undefined: there is nothing to take over, or `isNewest` is not set and another connection has it.
 */
export async function takeOver(
  served: Served,
  call: McpCall,
  taking: TakingOver,
  isNewest: boolean,
): Promise<TakenOver | undefined> {
  const { log } = served.ports;
  const key = taking.streams.answer(taking.streamId);
  const writer = crypto.randomUUID();
  let known = await readOn(log, key, { next: 1 });
  let takesAny = isNewest;
  while (known.call && (takesAny || !known.call.takenOver)) {
    const followed: FollowedCall = { ...known.call, takenOver: true };
    if (!(await mayGoOn(served, call, followed))) return undefined;
    const events = [{ kind: FOLLOWS, data: followed as unknown as Json }];
    const at = known.next;
    if ((await log.append(key, at, writer, events)) === "appended") {
      return { at, stream: goOnWith(served, call, taking, { followed, next: at + 1 }) };
    }
    // Of those who came at the same time one is enough.
    takesAny = false;
    known = await readOn(log, key, known);
  }
  return undefined;
}

/** The job is the caller's, and what the token allows covers the call. */
async function mayGoOn(
  served: Served,
  call: McpCall,
  { request, state }: FollowedCall,
): Promise<boolean> {
  if (findRefusal(served, call, { request }) !== undefined) return false;
  const { task = "" } = state;
  return (await findOwnJob(served.ports.calls, call.principal, task)) !== undefined;
}

interface Place {
  readonly followed: FollowedCall;
  readonly next: number;
}

function goOnWith(
  served: Served,
  call: McpCall,
  { request, session, streams, streamId }: TakingOver,
  { followed, next }: Place,
): LoggedStream {
  const continued = continueStream(served, streams, { id: streamId, next });
  const run = new SessionRun({
    served,
    call,
    request,
    session,
    streams,
    streamId: newStreamId(),
    answerStream: streamId,
    requests: [followed.request],
    outlet: toOutlet(continued, followed, call.waitUntil !== undefined && streams.primes),
    goesOn: followed.state,
    onAnswer: (asked, answer) => remember(served, session, asked, answer),
  });
  const { stream } = continued;
  const work = run
    .start()
    .then(({ ended }) => ended)
    .catch(served.report)
    // However it ended, a response that says nothing any more is none to wait for.
    .finally(() => stream.detach());
  call.waitUntil?.(work);
  return stream;
}

/** Its first note is the take-over itself; later ones are those of a process that has a connection, too. */
function toOutlet(
  { outlet: { park, ...outlet } }: ContinuedStream,
  { state }: FollowedCall,
  parks: boolean,
): Outlet {
  let isNoted = false;
  const follows = async (call: FollowedCall) => {
    const repeats = !isNoted && call.state.task === state.task;
    isNoted = true;
    if (!repeats) await outlet.follows({ ...call, takenOver: true });
  };
  return { ...outlet, follows, ...(parks && { park }) };
}

/** What a stream's log says up to a number. */
interface Known {
  readonly next: number;
  /** The call that is followed now; absent: none, or its process waits for a person, or it has ended. */
  readonly call?: FollowedCall | undefined;
}

async function readOn(log: EventLog, key: StreamKey, known: Known): Promise<Known> {
  let { next, call } = known;
  for (;;) {
    const events = await log.readAfter(key, next - 1);
    for (const event of events) call = foldCall(call, event);
    const last = events.at(-1);
    if (!last) return { next, call };
    next = last.number + 1;
  }
}

/** A pure rule: the call that is followed after an event, and how far its client has been told. */
function foldCall(
  call: FollowedCall | undefined,
  { kind, data }: StoredEvent,
): FollowedCall | undefined {
  switch (kind) {
    case FOLLOWS:
      return data as unknown as FollowedCall;
    case RELAYED: {
      const { event: after, message } = data as unknown as Relayed;
      return call && { ...call, state: { ...call.state, after, ...toTold(message) } };
    }
    case MESSAGE: {
      const message = data as unknown as JSONRPCMessage;
      return isAnswer(message) || "id" in message ? undefined : call;
    }
    case PARKED:
    case END:
      return undefined;
    default:
      return call;
  }
}

interface Relayed {
  readonly message: { readonly method: string; readonly params: { readonly progress?: number } };
  readonly event: number;
}

function toTold({ method, params }: Relayed["message"]): { readonly told?: number } {
  const { progress } = params;
  return method === "notifications/progress" && progress !== undefined ? { told: progress } : {};
}
