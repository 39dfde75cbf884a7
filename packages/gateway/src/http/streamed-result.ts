import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/** What middy's streamed execution mode takes: metadata for the gateway, then the body as it comes. */
export interface StreamedResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | NodeReadableStream;
}

/** A Response as a streamed Lambda result; its body is passed on, not gathered. */
export function toStreamedResult(response: Response): StreamedResult {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: (response.body as NodeReadableStream | null) ?? "",
  };
}
