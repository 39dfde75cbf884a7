import type { IncomingMessage } from "node:http";

export type RequestBody =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "too-large" }
  /** The client went away while it was sending. */
  | { readonly kind: "aborted" };

/**
 * Reads a body of at most `limit` bytes. The rest of a larger one is thrown away as it comes, since
 * a client that is still sending would not read the answer to it.
 */
export function readRequestBody(message: IncomingMessage, limit: number): Promise<RequestBody> {
  if (Number(message.headers["content-length"] ?? 0) > limit) {
    message.on("error", () => undefined).resume();
    return Promise.resolve({ kind: "too-large" });
  }
  const { promise, resolve } = Promise.withResolvers<RequestBody>();
  const chunks: Buffer[] = [];
  let size = 0;
  message.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else resolve({ kind: "too-large" });
  });
  message.once("end", () => resolve({ kind: "read", bytes: Buffer.concat(chunks) }));
  message.once("error", () => resolve({ kind: "aborted" }));
  return promise;
}
