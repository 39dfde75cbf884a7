import { insidesIn } from "../harness/insides.ts";
import type { FuzzRequest } from "./fuzz-request.ts";

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** -32603 is not among them: no request of a client may be a failure of ours. */
const CODES = new Set([-32700, -32600, -32601, -32602, -32000, -32002, -32020, -32021, -32022]);

/** What is wrong with an answer, in words; empty: nothing. */
export function faultsOf(request: FuzzRequest, answer: FuzzAnswer): readonly string[] {
  const faults: string[] = [];
  if (answer.status >= 500) faults.push(`status ${answer.status}`);
  const insides = insidesIn(answer.text);
  if (insides !== undefined && !isEcho(request, insides)) faults.push(`tells of ${insides}`);
  return [...faults, ...wireFaults(answer)];
}

/** A message that quotes the request tells nothing new. */
function isEcho({ body = "", headers }: FuzzRequest, text: string): boolean {
  return [body, ...Object.values(headers)].some((sent) => sent.includes(text));
}

function wireFaults({ status, contentType, text }: FuzzAnswer): readonly string[] {
  if (text === "") return [];
  if (contentType.startsWith("text/event-stream")) return streamFaults(text);
  if (!contentType.startsWith("application/json")) return [`content type ${contentType}`];
  const body = parse(text);
  if (body === undefined) return ["JSON that does not parse"];
  if (Array.isArray(body)) return body.flatMap(messageFaults);
  return isOwnError(status, body) ? [] : messageFaults(body);
}

/** Refusals made before the protocol is spoken: a gateway's `message`, an authorization `error`. */
function isOwnError(status: number, body: unknown): boolean {
  if (status < 400 || status >= 500) return false;
  const { error, message } = body as { error?: unknown; message?: unknown };
  return typeof error === "string" || (typeof message === "string" && error === undefined);
}

function streamFaults(text: string): readonly string[] {
  const data = text
    .split("\n")
    .flatMap((line) => (line.startsWith("data:") ? [line.slice(5)] : []));
  return data
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      const message = parse(line);
      return message === undefined ? ["an event that is no JSON"] : messageFaults(message);
    });
}

function messageFaults(message: unknown): readonly string[] {
  const { jsonrpc, id, method, result, error } = (message ?? {}) as Record<string, unknown>;
  if (jsonrpc !== "2.0") return ["a message without jsonrpc 2.0"];
  if (method !== undefined) return typeof method === "string" ? [] : ["a method that is no text"];
  if ((result === undefined) === (error === undefined)) return ["neither a result nor an error"];
  if (id !== null && typeof id !== "string" && typeof id !== "number") return ["an id of no kind"];
  return error === undefined ? [] : errorFaults(error);
}

function errorFaults(error: unknown): readonly string[] {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof message !== "string" || message === "") return ["an error without a message"];
  return CODES.has(code as number) ? [] : [`the code ${String(code)}: ${message}`];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
