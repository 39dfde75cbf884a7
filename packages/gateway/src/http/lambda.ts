import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import middy from "@middy/core";
import { executionModeStreamifyResponse } from "@middy/core/StreamifyResponse";
import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import type { App } from "./app.ts";
import { toRequest } from "./rest-event.ts";

/** What middy's streamed execution mode takes: metadata for the gateway, then the body as it comes. */
interface StreamedResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | NodeReadableStream;
}

/**
 * An app as a Lambda handler with response streaming. An environment serves one invocation at a
 * time, so work left over by a response is held per process; the invocation ends after it.
 */
export function streamed(app: App, publicUrl: string) {
  const left = new Set<Promise<void>>();
  const waitUntil = (work: Promise<void>) => {
    left.add(work);
  };
  const requestEnd = async () => {
    await Promise.allSettled(left);
    left.clear();
  };
  return middy<APIGatewayProxyEvent, StreamedResult>({
    executionMode: executionModeStreamifyResponse,
    requestEnd,
  }).handler(async (event: APIGatewayProxyEvent, context: Context): Promise<StreamedResult> => {
    const deadline = Date.now() + context.getRemainingTimeInMillis();
    const response = await app(toRequest(event, publicUrl), { deadline, waitUntil });
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: (response.body as NodeReadableStream | null) ?? "",
    };
  });
}
