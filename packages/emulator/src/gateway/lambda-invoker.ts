/** What the gateway needs of Lambda: one synchronous invocation, buffered or streamed. */
export interface LambdaInvoker {
  /** Runs the function; resolves when the function's response starts (streaming) or is complete (buffered). */
  invoke(
    functionName: string,
    event: unknown,
    options: { readonly streaming: boolean },
  ): Promise<Invocation>;
}

export type Invocation =
  | {
      readonly kind: "stream";
      readonly contentType: string;
      readonly body: AsyncIterable<Uint8Array>;
      /** Resolves when the invocation ended; `error` is set when it ended with a Lambda error (trailers). */
      readonly ended: Promise<{ error?: { type: string; message: string } }>;
    }
  | { readonly kind: "buffered"; readonly payload: unknown }
  /** Unhandled error, init error, timeout, process died. */
  | { readonly kind: "function-error"; readonly errorType: string; readonly message: string }
  /** TooManyRequestsException. */
  | { readonly kind: "throttled" };
