import * as fc from "fast-check";
import { type FuzzAnswer, faultsOf } from "./answer.ts";
import { type FuzzRequest, fill, type Places } from "./fuzz-request.ts";
import { anyRequest } from "./requests.ts";
import type { FuzzTarget, Left } from "./target.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly cases: number;
  /** A request that takes longer hangs. */
  readonly patienceMs: number;
}

export interface FuzzFigures {
  readonly seed: number;
  readonly cases: number;
  readonly seconds: number;
  readonly slowestMs: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** What requests that may leave something left, by kind. */
  readonly left: Readonly<Record<string, number>>;
}

/**
 * Sends requests that are almost right and checks every answer. @throws Error with the smallest
 * request that shows a fault, and the seed and path to run it again.
 */
export async function runFuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzFigures> {
  const byStatus: Record<string, number> = {};
  const all: Record<string, number> = {};
  let slowestMs = 0;
  const started = performance.now();
  const property = fc.asyncProperty(anyRequest, async (request) => {
    const places = await target.places();
    const filled = fill(request, places);
    const before = performance.now();
    const answer = await withPatience(target.send(filled), options.patienceMs);
    slowestMs = Math.max(slowestMs, performance.now() - before);
    const left = target.takeLeft();
    check(filled, { answer, left, places, failures: target.failures() });
    byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1;
    for (const [kind, count] of Object.entries(left)) all[kind] = (all[kind] ?? 0) + count;
  });
  const { seed, cases } = options;
  await fc.assert(property, { seed, numRuns: cases, endOnFailure: cases > 5_000 });
  const seconds = (performance.now() - started) / 1000;
  return { seed, cases, seconds, slowestMs, byStatus, left: all };
}

interface Outcome {
  readonly answer: FuzzAnswer;
  readonly left: Left;
  readonly places: Places;
  readonly failures: readonly string[];
}

function check(request: FuzzRequest, { answer, left, places, failures }: Outcome): void {
  const faults = [...faultsOf(request, answer), ...stateFaults(request, left, places), ...failures];
  if (faults.length === 0) return;
  throw new Error(
    `${faults.join("; ")}\n${show(request)}\n-> ${answer.status} ${answer.text.slice(0, 500)}`,
  );
}

/** Only an initialize makes a session; only a session has a log; a task's calls may write to it. */
function stateFaults({ body = "", headers }: FuzzRequest, left: Left, places: Places): string[] {
  const starts = body.includes('"initialize"');
  const isInSession = headers["mcp-session-id"] === places.session;
  const may: Readonly<Record<keyof Left, boolean>> = {
    sessions: starts,
    events: isInSession,
    jobs: false,
    writes: starts || isInSession || body.includes(places.task),
  };
  return Object.entries(left)
    .filter(([kind, count]) => count > 0 && !may[kind as keyof Left])
    .map(([kind, count]) => `${count} ${kind} were left`);
}

function show({ method, headers, body = "" }: FuzzRequest): string {
  const shown = body.length > 600 ? `${body.slice(0, 600)}… (${body.length} characters)` : body;
  return `${method} ${JSON.stringify(headers)}\n${shown}`;
}

async function withPatience<T>(answer: Promise<T>, patienceMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`No answer within ${patienceMs} ms.`)),
    patienceMs,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
