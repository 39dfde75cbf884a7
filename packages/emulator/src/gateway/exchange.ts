import type { ServerResponse } from "node:http";
import type { FaultAction } from "../faults/fault-plan.ts";
import type { GatewayResponseTemplate } from "../template.ts";
import type { AccessLogEntry } from "./access-log.ts";
import type { BandwidthLimit } from "./bandwidth.ts";
import { type GatewayResponseType, toGatewayResponse } from "./gateway-response.ts";
import type { ResponseHead } from "./proxy-response.ts";
import { headerValue, type ReceivedRequest } from "./received-request.ts";
import { ResponseStream } from "./response-stream.ts";

interface ExchangeParts {
  readonly request: ReceivedRequest;
  readonly response: ServerResponse;
  readonly fault: FaultAction | undefined;
  readonly gatewayResponses: readonly GatewayResponseTemplate[];
  readonly publicOrigin: string;
  readonly bandwidth: BandwidthLimit;
}

type Route = Pick<AccessLogEntry, "resourcePath" | "functionName">;

/** One request and its answer: what is sent, and what the log will say of it. */
export class Exchange {
  readonly request: ReceivedRequest;
  readonly #parts: ExchangeParts;
  readonly #startedMs = performance.now();
  #route: Route = {};
  #error: string | undefined;
  #integrationStartMs: number | undefined;
  #integrationMs: number | undefined;
  #stream: ResponseStream | undefined;

  constructor(parts: ExchangeParts) {
    this.request = parts.request;
    this.#parts = parts;
    const { response, request } = parts;
    response.setHeader("x-amzn-RequestId", request.requestId);
    response.setHeader("x-amz-apigw-id", request.extendedRequestId);
    response.setHeader("X-Amzn-Trace-Id", request.traceId);
  }

  routed(route: Route): void {
    this.#route = route;
  }

  integrationStarted(): void {
    this.#integrationStartMs = performance.now();
  }

  /** The function began to answer, or failed to. */
  integrationAnswered(): void {
    if (this.#integrationStartMs === undefined) return;
    this.#integrationMs ??= performance.now() - this.#integrationStartMs;
  }

  failed(error: string): void {
    this.#error ??= error;
  }

  /** Sends the gateway's own answer. */
  async refuse(type: GatewayResponseType, message?: string): Promise<void> {
    this.failed(type);
    const { gatewayResponses: templates, publicOrigin: origin } = this.#parts;
    const { status, headers, body } = toGatewayResponse(type, {
      templates,
      origin,
      ...(message === undefined ? {} : { message }),
    });
    const head = Object.entries(headers).map(([name, value]) => [name, [value]] as const);
    await this.send({ status, headers: head }, body);
  }

  /** Sends a whole answer. */
  async send(head: ResponseHead, body: string): Promise<void> {
    const bytes = Buffer.from(body);
    this.#parts.response.setHeader("Content-Length", bytes.length);
    const stream = this.open(head);
    await stream.write(bytes);
    stream.end();
  }

  /** Sends status and headers at once; the body follows on the stream. */
  open({ status, headers }: ResponseHead): ResponseStream {
    const { response, fault, bandwidth } = this.#parts;
    const tearAfterBytes = fault?.kind === "tear" ? fault.afterBytes : undefined;
    this.#stream = new ResponseStream(response, { bandwidth, tearAfterBytes });
    if (fault?.kind === "lose-answer") {
      response.destroy();
      return this.#stream;
    }
    for (const [name, values] of headers) {
      response.setHeader(name, values.length === 1 ? (values[0] ?? "") : values);
    }
    response.writeHead(status);
    response.flushHeaders();
    return this.#stream;
  }

  logEntry(): AccessLogEntry {
    const { request, response } = this.#parts;
    const userAgent = headerValue(request.headers, "user-agent");
    return {
      time: new Date(request.receivedMs).toISOString(),
      requestId: request.requestId,
      method: request.method,
      path: request.fullPath,
      ...this.#route,
      status: response.headersSent ? response.statusCode : 0,
      ms: performance.now() - this.#startedMs,
      ...(this.#integrationMs === undefined ? {} : { integrationMs: this.#integrationMs }),
      bytes: this.#stream?.sentBytes ?? 0,
      complete: response.writableFinished,
      sourceIp: request.sourceIp,
      ...(userAgent === undefined ? {} : { userAgent }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }
}
