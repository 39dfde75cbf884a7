import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Listening, readBody, serve } from "../http/serve.ts";
import { type FunctionError, parseFunctionError } from "./function-errors.ts";

/** Larger error reports are refused. */
const MAX_ERROR_BYTES = 6 * 1024 * 1024;

/** One event on its way into the function. */
export interface Delivery {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly event: string;
}

export interface RuntimeApiListener {
  /** The process waits for its next event. */
  asked(): void;
  /** A response begins; its body is still to be read. Resolves when it has been. */
  responded(requestId: string, request: IncomingMessage): Promise<void>;
  failed(requestId: string, error: FunctionError): void;
  initFailed(error: FunctionError): void;
}

const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/**
 * The Lambda Runtime API of one process. Source: AWS Lambda Developer Guide, "Using the Lambda runtime
 * API for custom runtimes"; streaming as aws-lambda-ric speaks it (error trailers).
 */
export class RuntimeApi {
  readonly #listener: RuntimeApiListener;
  readonly #sockets = new Set<Socket>();
  #listening: Listening | undefined;
  #next: ServerResponse | undefined;
  #quiet: () => void = () => {};

  constructor(listener: RuntimeApiListener) {
    this.#listener = listener;
  }

  /** Resolves with the address for AWS_LAMBDA_RUNTIME_API. */
  async start(): Promise<string> {
    const listening = await serve((request, response) => this.#handle(request, response));
    // A frozen process must find its connections as it left them.
    listening.server.keepAliveTimeout = 0;
    listening.server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        if (this.#sockets.size === 0) this.#quiet();
      });
    });
    this.#listening = listening;
    return `127.0.0.1:${listening.port}`;
  }

  /** Hands an event to the waiting process. One that hung up is about to exit, which tells the rest. */
  deliver(delivery: Delivery): void {
    const next = this.#next;
    if (next === undefined) return;
    this.#next = undefined;
    next.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": delivery.requestId,
      "lambda-runtime-deadline-ms": String(delivery.deadlineMs),
      "lambda-runtime-invoked-function-arn": delivery.functionArn,
      "lambda-runtime-trace-id": traceId(delivery),
    });
    next.end(delivery.event);
  }

  /** Resolves when everything a process sent before it ended has been read. */
  async disconnected(): Promise<void> {
    if (this.#sockets.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#quiet = resolve;
    });
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (path === "/2018-06-01/runtime/invocation/next") return this.#waitForEvent(response);
    if (path === "/2018-06-01/runtime/init/error") {
      this.#listener.initFailed(await readError(request));
      return accept(response);
    }
    const [, requestId, outcome] = INVOCATION.exec(path) ?? [];
    if (requestId === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (outcome === "error") this.#listener.failed(requestId, await readError(request));
    else await this.#listener.responded(requestId, request);
    accept(response);
  }

  #waitForEvent(response: ServerResponse): void {
    this.#next = response;
    response.once("close", () => {
      if (this.#next === response) this.#next = undefined;
    });
    this.#listener.asked();
  }
}

async function readError(request: IncomingMessage): Promise<FunctionError> {
  return parseFunctionError((await readBody(request, MAX_ERROR_BYTES)).toString());
}

function accept(response: ServerResponse): void {
  response.writeHead(202).end();
}

/** Unsampled, as without tracing; made from the request id so that it is unique too. */
function traceId({ requestId }: Delivery): string {
  const hex = requestId.replaceAll("-", "");
  return `Root=1-${hex.slice(0, 8)}-${hex.slice(8)};Parent=${hex.slice(0, 16)};Sampled=0`;
}
