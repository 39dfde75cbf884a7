import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The port asked for is taken; `port` names it. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
  readonly code = "PORT_TAKEN";
  readonly port: number;
  constructor(port: number, cause: unknown) {
    super(`Port ${port} on 127.0.0.1 is taken.`, { cause });
    this.port = port;
  }
}

/** Serves on 127.0.0.1 only; port 0 takes a free one. Request and header timeouts are off: AWS's own limits are emulated where they belong. */
export async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  port = 0,
): Promise<Listening> {
  const server = createServer((request, response) => {
    Promise.resolve(handler(request, response)).catch((cause: unknown) => {
      process.stderr.write(`emulator: ${cause instanceof Error ? cause.stack : String(cause)}\n`);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(cause.code === "EADDRINUSE" ? new PortTakenError(port, cause) : cause),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    server,
    port: bound,
    endpoint: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The body grew over the limit given. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  readonly code = "BODY_TOO_LARGE";
}

/** Reads a request body of at most `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLargeError(`The body is over ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
