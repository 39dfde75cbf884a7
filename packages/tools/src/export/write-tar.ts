import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { ArchivedFile } from "./archived-file.ts";

const BLOCK = 512;
/** What is longer, or no ASCII, stands in a pax header, which every tar of today reads (POSIX.1-2001, "pax"). */
const PLAIN = /^[\x20-\x7e]{0,100}$/;
/** In the field of a name that stands in the pax header. */
const ELSEWHERE = "in-pax-header";

/** A gzipped tar of nobody's files: owners and times say nothing of where it was made. `madeAt`: seconds since the epoch. */
export function writeTarGzip(
  files: AsyncIterable<ArchivedFile>,
  madeAt: number,
): AsyncIterable<Uint8Array> {
  const tar = Readable.from(tarOf(files, madeAt));
  const gzip = createGzip();
  tar.once("error", (cause) => gzip.destroy(cause));
  gzip.once("close", () => tar.destroy());
  return tar.pipe(gzip);
}

async function* tarOf(
  files: AsyncIterable<ArchivedFile>,
  madeAt: number,
): AsyncGenerator<Uint8Array> {
  for await (const file of files) {
    yield* headersOf(file, madeAt);
    if (file.kind === "file") yield* padded(file.content);
  }
  yield new Uint8Array(2 * BLOCK);
}

function* padded(content: Uint8Array): Generator<Uint8Array> {
  if (content.length > 0) yield content;
  const over = content.length % BLOCK;
  if (over > 0) yield new Uint8Array(BLOCK - over);
}

function* headersOf(file: ArchivedFile, madeAt: number): Generator<Uint8Array> {
  const { path } = file;
  const target = file.kind === "link" ? file.target : "";
  const records = [
    ...(PLAIN.test(path) ? [] : [paxRecord("path", path)]),
    ...(PLAIN.test(target) ? [] : [paxRecord("linkpath", target)]),
  ];
  if (records.length > 0) {
    const pax = Buffer.from(records.join(""));
    yield header({
      type: "x",
      name: ELSEWHERE,
      target: "",
      mode: 0o644,
      bytes: pax.length,
      madeAt,
    });
    yield* padded(pax);
  }
  const name = PLAIN.test(path) ? path : ELSEWHERE;
  if (file.kind === "link") {
    const field = PLAIN.test(target) ? target : ELSEWHERE;
    yield header({ type: "2", name, target: field, mode: 0o777, bytes: 0, madeAt });
  } else {
    const mode = file.executable ? 0o755 : 0o644;
    yield header({ type: "0", name, target, mode, bytes: file.content.length, madeAt });
  }
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  // Its own digits may make it one digit longer.
  if (bytes + String(length).length > length) length += 1;
  return `${length}${rest}`;
}

interface HeaderFields {
  /** `0` a file, `2` a symbolic link, `x` the pax header of what follows. */
  readonly type: "0" | "2" | "x";
  /** ASCII, at most 100 bytes. */
  readonly name: string;
  readonly target: string;
  readonly mode: number;
  readonly bytes: number;
  readonly madeAt: number;
}

/** One block in the format "ustar" (POSIX.1-1988). */
function header({ type, name, target, mode, bytes, madeAt }: HeaderFields): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  block.write(name, 0, "latin1");
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(bytes, 124, 11);
  octal(madeAt, 136, 11);
  // The sum is taken with spaces in its own place.
  block.write(`        ${type}`, 148, "latin1");
  block.write(target, 157, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  octal(0, 329, 7);
  octal(0, 337, 7);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  return block;
}
