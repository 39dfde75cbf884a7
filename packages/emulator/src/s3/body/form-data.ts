import { S3Error } from "../s3-error.ts";
import { ByteReader } from "./byte-reader.ts";

/** A browser upload: fields, then the file, whose content streams. */
export interface FormUpload {
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  readonly content: AsyncIterable<Buffer>;
}

const HEADER_BYTES = 8192;
/** Form data before the file: at most 20 KB ("POST Object", S3 API). */
const FIELDS_BYTES = 20_480;
const TOO_LARGE = "MaxPostPreDataLengthExceededError";

/**
 * Reads `multipart/form-data` up to the file; what comes after the file is ignored, as S3 does.
 * @throws S3Error MalformedPOSTRequest, InvalidArgument, IncompleteBody
 */
export async function readForm(
  source: AsyncIterable<Buffer>,
  contentType: string,
): Promise<FormUpload> {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = `\r\n--${boundary?.[1] ?? boundary?.[2]}`;
  if (boundary === null) throw new S3Error("MalformedPOSTRequest");
  const reader = new ByteReader(source);
  await reader.until(mark.slice(2), HEADER_BYTES);
  const fields = new Map<string, string>();
  let bytes = 0;
  for (;;) {
    if ((await reader.until("\r\n", HEADER_BYTES)).toString() === "--") {
      throw new S3Error("InvalidArgument", "POST requires exactly one file upload per request.");
    }
    const { name, fileName } = parseDisposition(
      (await reader.until("\r\n\r\n", HEADER_BYTES)).toString(),
    );
    if (name === "file") return { fields, fileName, content: fileContent(reader, mark) };
    const value = await reader.until(mark, FIELDS_BYTES, TOO_LARGE);
    bytes += name.length + value.length;
    if (bytes > FIELDS_BYTES) throw new S3Error(TOO_LARGE);
    fields.set(name, value.toString());
  }
}

async function* fileContent(reader: ByteReader, mark: string): AsyncGenerator<Buffer> {
  yield* reader.streamUntil(mark);
  await reader.drain();
}

function parseDisposition(headers: string): { name: string; fileName: string } {
  const disposition = headers.split("\r\n").find((header) => /^content-disposition:/i.test(header));
  const name = /[;\s]name="([^"]*)"/i.exec(disposition ?? "")?.[1];
  if (name === undefined) throw new S3Error("MalformedPOSTRequest");
  const path = /filename="([^"]*)"/i.exec(disposition ?? "")?.[1] ?? "";
  return { name: name.toLowerCase(), fileName: path.replace(/^.*[/\\]/, "") };
}
