import { MalformedProxyResponse, type ResponseHead, readMetadata } from "./proxy-response.ts";

const DELIMITER = Buffer.alloc(8);
/** The delimiter must be within the first 16 KB. */
const PRELUDE_BYTES = 16 * 1024;

export interface Prelude {
  readonly head: ResponseHead;
  /** Body bytes that came in the same chunk as the delimiter. */
  readonly first: Uint8Array;
}

/**
 * Reads the metadata JSON and the 8 NUL bytes that start a streamed proxy response, and leaves the
 * rest in `body`; undefined when the stream ends before. Throws `MalformedProxyResponse`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export async function readPrelude(body: AsyncIterator<Uint8Array>): Promise<Prelude | undefined> {
  let read: Buffer = Buffer.alloc(0);
  while (read.length < PRELUDE_BYTES + DELIMITER.length) {
    const { done, value } = await body.next();
    if (done === true) return undefined;
    read = Buffer.concat([read, value]);
    const at = read.indexOf(DELIMITER);
    if (at > PRELUDE_BYTES) break;
    if (at >= 0) {
      const head = readMetadata(read.subarray(0, at).toString("utf8"));
      return { head, first: read.subarray(at + DELIMITER.length) };
    }
  }
  throw new MalformedProxyResponse("The metadata is over 16 KB.");
}
