import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

export type Answer = (request: Request) => Promise<Response>;

export interface HttpHost {
  /** http://127.0.0.1:<port> */
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Serves a fetch-shaped handler on loopback, made when the origin is known; a client that leaves
 * aborts its request's signal.
 */
export async function startHttpHost(toAnswer: (origin: string) => Answer): Promise<HttpHost> {
  const server = createServer((incoming, outgoing) => {
    respond(answer, incoming, outgoing).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      outgoing.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const answer = toAnswer(origin);
  return {
    origin,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  answer: Answer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) left.abort();
  });
  try {
    await pass(await answer(toRequest(incoming, left.signal)), outgoing, left.signal);
  } catch (error) {
    // A client that left has nobody to be told; streams that go on for minutes are left so.
    if (!left.signal.aborted) throw error;
  }
}

async function pass(
  response: Response,
  outgoing: ServerResponse,
  left: AbortSignal,
): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  const reader = response.body?.getReader();
  if (!reader) return void outgoing.end();
  const leave = () => void reader.cancel().catch(() => undefined);
  left.addEventListener("abort", leave);
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    outgoing.write(read.value);
  }
  outgoing.end();
}

export function toRequest(incoming: IncomingMessage, signal?: AbortSignal): Request {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(new URL(url, `http://${headers.host ?? "127.0.0.1"}`), {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    ),
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }),
    ...(signal && { signal }),
  });
}
