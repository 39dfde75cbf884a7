import type { IncomingMessage } from "node:http";

/**
 * Reads a body of at most `limit` bytes; undefined when it is larger. The rest of a larger one is
 * thrown away as it comes, since a client that is still sending would not read the answer to it.
 */
export function readRequestBody(
  message: IncomingMessage,
  limit: number,
): Promise<Buffer | undefined> {
  if (Number(message.headers["content-length"] ?? 0) > limit) {
    message.resume();
    return Promise.resolve(undefined);
  }
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let size = 0;
  message.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else resolve(undefined);
  });
  message.once("end", () => resolve(Buffer.concat(chunks)));
  message.once("error", reject);
  return promise;
}
