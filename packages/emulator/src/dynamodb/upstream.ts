import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { type Engine, EngineError } from "./engine.ts";
import type { Answer } from "./service-error.ts";

/** The engine did not answer: it is gone, or went away in the middle. Whether it carried the request out is open. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code = "UPSTREAM_GONE";
}

/** DynamoDB refused a request of ours; `type` is the name of its exception. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code = "REFUSED";
  readonly type: string;
  constructor(operation: string, type: string, message: string) {
    super(`${operation}: ${type}: ${message}`);
    this.type = type;
  }
}

/** Headers of one hop. */
const HOP_HEADERS = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "date",
]);

/** The engine, spoken to over kept connections. */
export class Upstream {
  readonly #engine: Engine;
  readonly #region: string;
  readonly #agent = new Agent({ keepAlive: true, scheduling: "lifo" });

  constructor(engine: Engine, region: string) {
    this.#engine = engine;
    this.#region = region;
  }

  /** @throws UpstreamError */
  async send(headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    const url = await this.#url();
    const { host: _host, "transfer-encoding": _encoding, ...rest } = headers;
    const sent = { ...rest, connection: "keep-alive", "content-length": String(body.length) };
    return await new Promise((resolve, reject) => {
      const fail = (cause: Error) => {
        reject(new UpstreamError("The DynamoDB engine did not answer.", { cause }));
      };
      const outgoing = request(
        url,
        { method: "POST", agent: this.#agent, headers: sent },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", fail);
          incoming.on("end", () => {
            const status = incoming.statusCode ?? 500;
            resolve({ status, headers: endToEnd(incoming.headers), body: Buffer.concat(chunks) });
          });
        },
      );
      outgoing.on("error", fail);
      outgoing.end(body);
    });
  }

  async #url(): Promise<string> {
    try {
      return await this.#engine.endpoint();
    } catch (cause) {
      if (cause instanceof EngineError) {
        throw new UpstreamError("The DynamoDB engine is down.", { cause });
      }
      throw cause;
    }
  }

  /** A request of the emulator's own. @throws RefusedError, UpstreamError */
  async call<Output>(operation: string, input: object): Promise<Output> {
    const amzDate = new Date().toISOString().replace(/[:-]|\.\d+/g, "");
    const scope = `${amzDate.slice(0, 8)}/${this.#region}/dynamodb/aws4_request`;
    const signed = `SignedHeaders=host;x-amz-date;x-amz-target, Signature=${"0".repeat(64)}`;
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": amzDate,
      authorization: `AWS4-HMAC-SHA256 Credential=EMULATOR/${scope}, ${signed}`,
    };
    const { status, body } = await this.send(headers, Buffer.from(JSON.stringify(input)));
    const output = JSON.parse(body.toString()) as Output & { __type?: string; message?: string };
    if (status === 200) return output;
    const type = String(output.__type).replace(/^.*#/, "");
    throw new RefusedError(operation, type, output.message ?? `status ${status}`);
  }

  close(): void {
    this.#agent.destroy();
  }
}

function endToEnd(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && !HOP_HEADERS.has(name)) kept[name] = value;
  }
  return kept;
}
