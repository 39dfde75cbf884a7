import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { BodyCut } from "../faults/fault-plan.ts";
import type { S3Error } from "./s3-error.ts";
import { element } from "./xml.ts";

/** A body that is read while it is sent. */
export interface StreamedBody {
  readonly bytes: number;
  chunks(): AsyncIterable<Buffer>;
  /** Called once in every case, also when nothing was read. */
  release(): void;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | StreamedBody;
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers };
}

export function xmlReply(
  document: string,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Reply {
  return {
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: Buffer.from(document),
  };
}

/** The error document; it has no name space, unlike every other one. */
export function errorReply(error: S3Error, resource: string, requestId: string): Reply {
  const content = [
    element("Code", error.code),
    element("Message", error.message),
    element("Resource", resource),
    element("RequestId", requestId),
  ];
  const document = `<?xml version="1.0" encoding="UTF-8"?>\n${element("Error", content)}`;
  return xmlReply(document, {}, error.status);
}

export function releaseReply(reply: Reply): void {
  if (reply.body !== undefined && !Buffer.isBuffer(reply.body)) reply.body.release();
}

/**
 * Sends a reply and gives the bytes of body written. `cut` breaks the body off; HEAD sends the length
 * without the body.
 */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  options: { readonly head: boolean; readonly cut: BodyCut | undefined },
): Promise<number> {
  const { body } = reply;
  const length = body === undefined ? undefined : Buffer.isBuffer(body) ? body.length : body.bytes;
  const bodiless = reply.status === 204 || reply.status === 304;
  const headers: Record<string, string> = { ...reply.headers };
  if (!bodiless) headers["content-length"] ??= String(length ?? 0);
  response.writeHead(reply.status, headers);
  if (options.head || body === undefined) {
    response.end();
    return 0;
  }
  if (!options.cut && Buffer.isBuffer(body)) {
    response.end(body);
    return body.length;
  }
  const chunks = Buffer.isBuffer(body) ? [body] : body.chunks();
  return await writeChunks(response, chunks, options.cut);
}

async function writeChunks(
  response: ServerResponse,
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  cut: BodyCut | undefined,
): Promise<number> {
  const limit = cut?.afterBytes ?? Number.POSITIVE_INFINITY;
  let written = 0;
  if (limit === 0) response.flushHeaders();
  for await (const chunk of chunks) {
    const piece = chunk.subarray(0, limit - written);
    written += piece.length;
    if (piece.length > 0) await writeChunk(response, piece);
    if (response.destroyed) return written;
    if (piece.length < chunk.length) {
      // What was written still goes out: a torn answer is a prefix of the whole one.
      if (cut?.connection === "closed") response.socket?.destroySoon();
      return written;
    }
  }
  response.end();
  return written;
}

/** Resolves when the connection takes more, or is gone. */
async function writeChunk(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.write(chunk) || response.destroyed) return;
  const gone = new AbortController();
  const options = { signal: gone.signal };
  await Promise.race([once(response, "drain", options), once(response, "close", options)]).finally(
    () => gone.abort(),
  );
}
