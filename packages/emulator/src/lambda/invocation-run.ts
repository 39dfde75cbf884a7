import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Invocation } from "../gateway/lambda-invoker.ts";
import { type FunctionError, parseFunctionError } from "./function-errors.ts";
import { ResponseBody } from "./response-body.ts";

/** 6 MB plus 100 KB: the largest buffered response (Lambda quotas). */
const MAX_BUFFERED_BYTES = 6_291_556;

const TOO_LARGE: FunctionError = {
  type: "Function.ResponseSizeTooLarge",
  message: `Response payload size exceeded maximum allowed payload size (${MAX_BUFFERED_BYTES} bytes).`,
};

export interface InvocationRequest {
  /** JSON text. */
  readonly event: string;
  readonly streaming: boolean;
  /** SIGKILL for the process this long after the event was handed over (a fault). */
  readonly killAfterMs?: number;
}

/** One invocation while it runs: the event, and what the function answered so far. */
export class InvocationRun {
  readonly requestId = randomUUID();
  readonly request: InvocationRequest;
  readonly outcome: Promise<Invocation>;
  #settle: (outcome: Invocation) => void = () => {};
  #end: (end: { error?: FunctionError }) => void = () => {};
  #body: ResponseBody | undefined;
  /** The whole response has been received, or never will be. */
  answered = false;
  failure: FunctionError | undefined;

  constructor(request: InvocationRequest) {
    this.request = request;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Takes a response post; resolves when its body has been read to its end. */
  async respond(request: IncomingMessage): Promise<void> {
    const streamed = request.headers["lambda-runtime-function-response-mode"] === "streaming";
    if (streamed && this.request.streaming) await this.#stream(request);
    else await this.#buffer(request);
  }

  /** The function ended with an error; an answer that is already on its way is torn. */
  fail(error: FunctionError): void {
    if (this.answered) return;
    this.answered = true;
    this.failure = error;
    this.#settle({ kind: "function-error", errorType: error.type, message: error.message });
    this.#end({ error });
    this.#body?.cut();
  }

  async #stream(request: IncomingMessage): Promise<void> {
    const body = new ResponseBody(request);
    this.#body = body;
    const ended = new Promise<{ error?: FunctionError }>((resolve) => {
      this.#end = resolve;
    });
    await body.started;
    const early = trailerError(request);
    // An error before the first byte leaves nothing to stream.
    if (early !== undefined && body.empty) return this.fail(early);
    const contentType = request.headers["content-type"] ?? "application/octet-stream";
    this.#settle({ kind: "stream", contentType, body, ended });
    if ((await body.finished) === "torn") return;
    this.#finish(trailerError(request));
  }

  async #buffer(request: IncomingMessage): Promise<void> {
    const text = await this.#readAll(request);
    if (text === undefined) return;
    const error = trailerError(request);
    if (error !== undefined) return this.fail(error);
    this.answered = true;
    this.#settle({ kind: "buffered", payload: parsePayload(text) });
  }

  /** Reads to the end even what is too much: the process, which waits for that, lives on. */
  async #readAll(request: IncomingMessage): Promise<string | undefined> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size <= MAX_BUFFERED_BYTES) chunks.push(chunk);
      }
    } catch (cause) {
      // A process that died while it answered is reported by its exit.
      if ((cause as NodeJS.ErrnoException).code !== "ECONNRESET") throw cause;
      return undefined;
    }
    if (size <= MAX_BUFFERED_BYTES) return Buffer.concat(chunks).toString();
    this.fail(TOO_LARGE);
    return undefined;
  }

  #finish(error: FunctionError | undefined): void {
    this.answered = true;
    this.failure = error;
    this.#end(error === undefined ? {} : { error });
  }
}

function trailerError(request: IncomingMessage): FunctionError | undefined {
  const type = request.trailers["lambda-runtime-function-error-type"];
  if (type === undefined) return undefined;
  const body = request.trailers["lambda-runtime-function-error-body"] ?? "";
  return { ...parseFunctionError(Buffer.from(body, "base64").toString()), type };
}

/** A streaming function invoked without streaming answers with bytes that need not be JSON. */
function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return text;
    throw cause;
  }
}
