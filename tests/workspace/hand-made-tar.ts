/** An entry as it is written, byte for byte, whatever a reader may think of it. */
export interface TarEntry {
  readonly path: string | Uint8Array;
  /** A file, unless it says otherwise. */
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly target?: string;
  readonly mode?: number;
  /** The field's twelve bytes; absent: of the content. */
  readonly size?: string | Uint8Array;
  readonly prefix?: string;
  /** A pax header before it: records, or the whole of it. */
  readonly pax?: Readonly<Record<string, string>>;
  readonly paxBody?: Uint8Array;
  /** A header of GNU's before it that names it. */
  readonly gnuName?: string;
  /** What stands before it is all there is. */
  readonly headerOnly?: boolean;
}

const BLOCK = 512;

export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(2 * BLOCK)]);
}

function blocksOf(entry: TarEntry): readonly Buffer[] {
  const { path, pax, gnuName, headerOnly } = entry;
  const records = Object.entries(pax ?? {}).map(([key, value]) => paxRecord(key, value));
  const body = entry.paxBody ?? (pax && Buffer.from(records.join("")));
  // What is long is named in a pax header, as today's tar does.
  const isLong = typeof path === "string" && path.length > 100;
  const named = isLong ? Buffer.from(paxRecord("path", path)) : body;
  const before = [
    ...(named ? whole({ type: "x", path: "pax", content: named }) : []),
    ...(gnuName === undefined ? [] : whole({ type: "L", path: "long", content: `${gnuName}\0` })),
  ];
  if (headerOnly) return before;
  return [...before, ...whole(isLong ? { ...entry, path: "long" } : entry)];
}

function whole({ type = "0", content = "", ...entry }: TarEntry): readonly Buffer[] {
  const bytes = Buffer.from(content);
  const block = Buffer.alloc(BLOCK);
  Buffer.from(entry.path).copy(block, 0, 0, 100);
  block.write(`${(entry.mode ?? 0o644).toString(8).padStart(7, "0")}\0`, 100);
  Buffer.from(entry.size ?? `${bytes.length.toString(8).padStart(11, "0")}\0`).copy(block, 124);
  block.write("00000000000\0        ", 136);
  block.write(type, 156);
  block.write(entry.target ?? "", 157);
  block.write("ustar\u000000", 257);
  block.write(entry.prefix ?? "", 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [block, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  for (let length = Buffer.byteLength(rest) + 1; ; length += 1) {
    if (Buffer.byteLength(`${length}${rest}`) === length) return `${length}${rest}`;
  }
}
