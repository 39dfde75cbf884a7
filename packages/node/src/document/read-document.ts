import type { IncomingMessage } from "node:http";
import type { FetchedDocument } from "@zenode/auth";
import { KIB, RefusedError } from "@zenode/core";

const OK = 200;
const REDIRECTS = 300;
const CLIENT_ERRORS = 400;
/** `application/json`, or a more specific type of JSON. */
const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json[\t ]*(?:;|$)/i;

/**
 * Reads an answer, as far as it is a document; what is over the limit is not waited for.
 * @throws RefusedError `invalid_input`, `unavailable` (another status); what Node tells of a broken connection.
 */
export async function readDocument(
  answer: IncomingMessage,
  maxBytes: number,
): Promise<FetchedDocument> {
  checkStatus(answer.statusCode);
  checkHeaders(answer);
  const bytes = await readBody(answer, maxBytes);
  const cacheControl = answer.headers["cache-control"];
  return { bytes, ...(cacheControl !== undefined && { cacheControl }) };
}

function checkStatus(status = 0): void {
  if (status === OK) return;
  if (status >= REDIRECTS && status < CLIENT_ERRORS) {
    throw refused("its host redirects, which is not followed");
  }
  const text = `This client's metadata document could not be had: its host answered ${status}.`;
  throw new RefusedError("unavailable", text);
}

function checkHeaders({ headers }: IncomingMessage): void {
  if (!JSON_TYPE.test(headers["content-type"] ?? "")) throw refused("it is not application/json");
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") throw refused("it is compressed");
}

/** Counts what comes; what the headers say of the size is not believed. */
async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw refused(`it is larger than ${maxBytes / KIB} KiB`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function refused(why: string): RefusedError {
  return new RefusedError(
    "invalid_input",
    `This client's metadata document can't be used: ${why}.`,
  );
}
