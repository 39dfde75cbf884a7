import { type Message, textOf } from "../../harness/wire.ts";
import type { Exchange, SeenAnswer } from "../model/history.ts";
import { digestOf } from "../model/worker-rules.ts";

export interface CallOrder {
  readonly mcpUrl: string;
  readonly token: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A client that makes one call and keeps at it. */
export interface Driver {
  /** One connection, up to an answer. Undefined: it was lost, or the client left (`left`), and may come back. */
  connect(left: AbortSignal): Promise<SeenAnswer | undefined>;
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/** An exchange as it is being written down. */
export interface OpenExchange extends Exchange {
  readonly progress: number[];
  readonly eventIds: string[];
  readonly answers: SeenAnswer[];
}

export function newExchange(client: string): OpenExchange {
  return { client, progress: [], eventIds: [], answers: [] };
}

/** Undefined: the answer says to ask again. */
export function toAnswer({ result, error }: Message): SeenAnswer | undefined {
  if (error) return toFailure(error);
  if (!result) return undefined;
  const text = textOf({ result });
  if (text.includes("is still running as task")) return undefined;
  const isError = result.isError === true;
  if (isError && /^Task \S+ was cancelled\.$/.test(text)) return { kind: "cancelled" };
  // What is too large for an answer has its beginning in the first block, and more words behind it.
  const [first] = (result.content ?? []) as readonly { readonly text?: string }[];
  return { kind: "result", digest: digestOf(first?.text ?? ""), isError };
}

/** A platform that says it may work in a few seconds is asked again; the end of a job is an answer. */
function toFailure({ code, message }: NonNullable<Message["error"]>): SeenAnswer | undefined {
  const isJobs = /stopped \d+ times/.test(message);
  if (code === -32603 && !isJobs) return undefined;
  return { kind: "failed", text: `${code} ${message}` };
}

/** Whether a request failed as requests do when networks and services fail. */
export function isLoss(cause: unknown): boolean {
  if (cause instanceof TypeError || cause instanceof SyntaxError) return true;
  if (!(cause instanceof Error)) return false;
  if (cause.name === "AbortError" || cause.name === "TimeoutError") return true;
  return /ended without a result|without a session/.test(cause.message);
}

/** What the work gives, or undefined when it was lost on the way. @throws what is no loss */
export async function unlessLost<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (isLoss(cause)) return undefined;
    throw cause;
  }
}

export function noteProgress(exchange: OpenExchange, { method, params }: Message): void {
  if (method === "notifications/progress") exchange.progress.push(Number(params?.progress));
}
