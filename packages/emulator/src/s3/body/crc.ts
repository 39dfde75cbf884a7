/** Cyclic redundancy checks with reflected bits and all-ones start and end, as S3 uses them. */
export interface CrcKind {
  readonly width: 32 | 64;
  /** Reflected polynomial. */
  readonly polynomial: bigint;
}

export const CRC32: CrcKind = { width: 32, polynomial: 0xedb88320n };
export const CRC32C: CrcKind = { width: 32, polynomial: 0x82f63b78n };
export const CRC64NVME: CrcKind = { width: 64, polynomial: 0x9a6c9329ac4bc9b5n };

/** A running sum; `update` may be called any number of times. */
export interface RunningCrc {
  update(data: Buffer): void;
  /** Big-endian bytes of the sum. */
  digest(): Buffer;
}

interface Table {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

const tables = new Map<CrcKind, Table>();

function tableOf(kind: CrcKind): Table {
  const known = tables.get(kind);
  if (known !== undefined) return known;
  const table = { low: new Uint32Array(256), high: new Uint32Array(256) };
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++)
      value = value & 1n ? (value >> 1n) ^ kind.polynomial : value >> 1n;
    table.low[byte] = Number(value & 0xffffffffn);
    table.high[byte] = Number(value >> 32n);
  }
  tables.set(kind, table);
  return table;
}

/** Sums by table, one byte at a time; numbers of 64 bits are kept as two halves. */
export function runningCrc(kind: CrcKind): RunningCrc {
  return kind.width === 32 ? running32(tableOf(kind)) : running64(tableOf(kind));
}

function running32({ low: table }: Table): RunningCrc {
  let sum = 0xffffffff;
  return {
    update(data) {
      let value = sum;
      for (let at = 0; at < data.length; at++) {
        value = (value >>> 8) ^ (table[(value ^ (data[at] as number)) & 0xff] as number);
      }
      sum = value;
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(~sum >>> 0);
      return bytes;
    },
  };
}

function running64(table: Table): RunningCrc {
  let low = 0xffffffff;
  let high = 0xffffffff;
  return {
    update(data) {
      for (let at = 0; at < data.length; at++) {
        const index = (low ^ (data[at] as number)) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (table.low[index] as number);
        high = (high >>> 8) ^ (table.high[index] as number);
      }
    },
    digest() {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(~high >>> 0, 0);
      bytes.writeUInt32BE(~low >>> 0, 4);
      return bytes;
    },
  };
}

/** The sum of two byte strings one after the other, from their sums and the length of the second. */
export function combineCrc(
  kind: CrcKind,
  first: Buffer,
  second: Buffer,
  secondBytes: number,
): Buffer {
  const shifted = multiply(kind, power(kind, secondBytes), BigInt(`0x${first.toString("hex")}`));
  const sum = shifted ^ BigInt(`0x${second.toString("hex")}`);
  return Buffer.from(sum.toString(16).padStart(kind.width / 4, "0"), "hex");
}

/** x^(8 * bytes) modulo the polynomial. */
function power(kind: CrcKind, bytes: number): bigint {
  const one = 1n << BigInt(kind.width - 1);
  let result = one;
  let square = one >> 8n;
  for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(kind, square, result);
    square = multiply(kind, square, square);
  }
  return result;
}

/** Product of two polynomials over GF(2), modulo the kind's, all with reflected bits. */
function multiply(kind: CrcKind, a: bigint, b: bigint): bigint {
  let product = 0n;
  let term = b;
  for (let bit = 1n << BigInt(kind.width - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= term;
    term = term & 1n ? (term >> 1n) ^ kind.polynomial : term >> 1n;
  }
  return product;
}
