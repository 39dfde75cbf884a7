import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Error } from "../s3-error.ts";
import { CRC32, CRC32C, CRC64NVME, type CrcKind, combineCrc, runningCrc } from "./crc.ts";

/** In S3's order of names; "Checking object integrity", S3 user guide. */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** FULL_OBJECT: over the bytes. COMPOSITE: over the checksums of the parts, written `<sum>-<parts>`. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** Base64 sums by algorithm. */
export type Checksums = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;

const BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

const CRCS: Readonly<Partial<Record<ChecksumAlgorithm, CrcKind>>> = { CRC32, CRC32C, CRC64NVME };

export interface RunningChecksum {
  update(data: Buffer): void;
  digest(): Buffer;
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case "CRC32":
      return zlibCrc32();
    case "CRC32C":
      return runningCrc(CRC32C);
    case "CRC64NVME":
      return runningCrc(CRC64NVME);
    case "SHA1":
      return createHash("sha1");
    case "SHA256":
      return createHash("sha256");
  }
}

function zlibCrc32(): RunningChecksum {
  let sum = 0;
  return {
    update(data) {
      sum = crc32(data, sum);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(sum);
      return bytes;
    },
  };
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The algorithm of a header name, undefined when it is no checksum header. */
export function algorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  return CHECKSUM_ALGORITHMS.find((algorithm) => checksumHeader(algorithm) === name.toLowerCase());
}

/** @throws S3Error InvalidRequest */
export function parseAlgorithm(text: string): ChecksumAlgorithm {
  const known = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase());
  if (known === undefined) {
    throw new S3Error(
      "InvalidRequest",
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    );
  }
  return known;
}

/** The checksums a header block states, each of the right length. @throws S3Error InvalidRequest */
export function statedChecksums(headers: Readonly<Record<string, string>>): Checksums {
  const stated: Partial<Record<ChecksumAlgorithm, string>> = {};
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = algorithmOfHeader(name);
    if (algorithm === undefined) continue;
    if (Buffer.from(value, "base64").length !== BYTES[algorithm]) {
      throw new S3Error("InvalidRequest", `Value for ${name} header is invalid.`);
    }
    stated[algorithm] = value;
  }
  return stated;
}

export function checksumHeaders(checksums: Checksums): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const sum = checksums[algorithm];
    if (sum !== undefined) headers[checksumHeader(algorithm)] = sum;
  }
  return headers;
}

/** Checksum of an object from its parts' own, in order; `bytes` is a part's length. */
export function checksumOfParts(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly sum: string; readonly bytes: number }[],
): string {
  const sums = parts.map((part) => Buffer.from(part.sum, "base64"));
  if (type === "COMPOSITE") {
    const whole = startChecksum(algorithm);
    whole.update(Buffer.concat(sums));
    return `${whole.digest().toString("base64")}-${parts.length}`;
  }
  const kind = CRCS[algorithm];
  if (kind === undefined) {
    throw new S3Error(
      "InvalidRequest",
      `The FULL_OBJECT checksum type cannot be used with ${algorithm}.`,
    );
  }
  const [first = Buffer.alloc(0), ...rest] = sums;
  let whole: Buffer = first;
  for (const [index, sum] of rest.entries()) {
    whole = combineCrc(kind, whole, sum, parts[index + 1]?.bytes ?? 0);
  }
  return whole.toString("base64");
}
