import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

interface RestEvent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type StreamedHandler = (event: RestEvent, stream: Writable) => Promise<void>;

/** What the runtime client puts into the global scope (Lambda Developer Guide, "Response streaming"). */
declare const awslambda: {
  streamifyResponse(handler: StreamedHandler): StreamedHandler;
  readonly HttpResponseStream: {
    from(
      stream: Writable,
      metadata: { readonly statusCode: number; readonly headers: Record<string, string> },
    ): Writable;
  };
};

/** A fetch-shaped function as a Lambda handler that streams, and nothing else. */
export function toStreamedHandler(
  answer: (request: Request) => Promise<Response>,
): StreamedHandler {
  return awslambda.streamifyResponse(async ({ path, headers, body }, stream) => {
    const request = new Request(`http://127.0.0.1${path}`, { method: "POST", headers, body });
    const response = await answer(request);
    const metadata = {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
    };
    await pipeline(response.body ?? [], awslambda.HttpResponseStream.from(stream, metadata));
  });
}
