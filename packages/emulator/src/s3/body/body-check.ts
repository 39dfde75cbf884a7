import { createHash, type Hash } from "node:crypto";
import { S3Error } from "../s3-error.ts";
import {
  algorithmOfHeader,
  type ChecksumAlgorithm,
  type Checksums,
  type RunningChecksum,
  startChecksum,
  statedChecksums,
} from "./checksum.ts";

/** What the client said of a body before it sent it. */
export interface BodyClaims {
  readonly checksums: Checksums;
  /** Algorithms whose sums are computed beside those claimed, e.g. a multipart upload's own. */
  readonly algorithms: readonly ChecksumAlgorithm[];
  /** Base64 */
  readonly md5?: string;
  /** Hex; signed with the request. */
  readonly sha256?: string;
  /** Bytes after the framing is taken off. */
  readonly bytes?: number;
}

export interface BodySums {
  /** Hex */
  readonly md5: string;
  readonly checksums: Checksums;
}

/** The largest single upload: 5 GiB. */
const PUT_BYTES = 5 * 1024 ** 3;

/** @throws S3Error EntityTooLarge, InvalidDigest, InvalidRequest, MissingContentLength */
export function parseClaims(
  headers: Readonly<Record<string, string>>,
  payload: string,
): BodyClaims {
  const { "content-md5": md5, "x-amz-trailer": trailer = "" } = headers;
  const length = headers["x-amz-decoded-content-length"] ?? headers["content-length"];
  if (length === undefined) throw new S3Error("MissingContentLength");
  const bytes = Number(length);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new S3Error("InvalidArgument");
  if (bytes > PUT_BYTES) throw new S3Error("EntityTooLarge");
  if (md5 !== undefined && Buffer.from(md5, "base64").length !== 16) {
    throw new S3Error("InvalidDigest");
  }
  return {
    checksums: statedChecksums(headers),
    algorithms: trailer
      .split(",")
      .map((name) => algorithmOfHeader(name.trim()))
      .filter((algorithm) => algorithm !== undefined),
    ...(md5 === undefined ? {} : { md5 }),
    ...(/^[0-9a-f]{64}$/.test(payload) ? { sha256: payload } : {}),
    bytes,
  };
}

/** Sums up a body as it passes and holds it against its claims. */
export class BodyCheck {
  readonly #claims: BodyClaims;
  readonly #sums: Map<ChecksumAlgorithm, RunningChecksum>;
  readonly #md5 = createHash("md5");
  readonly #sha256: Hash | undefined;
  #bytes = 0;

  /** Without any algorithm the sum is CRC64NVME, S3's default. */
  constructor(claims: BodyClaims) {
    this.#claims = claims;
    this.#sha256 = claims.sha256 === undefined ? undefined : createHash("sha256");
    const stated = Object.keys(claims.checksums) as ChecksumAlgorithm[];
    const algorithms = new Set([...stated, ...claims.algorithms]);
    if (algorithms.size === 0) algorithms.add("CRC64NVME");
    this.#sums = new Map(Array.from(algorithms, (name) => [name, startChecksum(name)]));
  }

  update(data: Buffer): void {
    this.#bytes += data.length;
    this.#md5.update(data);
    this.#sha256?.update(data);
    for (const sum of this.#sums.values()) sum.update(data);
  }

  /** @throws S3Error BadDigest, IncompleteBody, XAmzContentSHA256Mismatch */
  finish(trailers: ReadonlyMap<string, string>): BodySums {
    const { bytes, md5, sha256, checksums } = this.#claims;
    if (bytes !== undefined && bytes !== this.#bytes) throw new S3Error("IncompleteBody");
    const digest = this.#md5.digest();
    if (md5 !== undefined && md5 !== digest.toString("base64")) {
      throw new S3Error(
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
      );
    }
    if (sha256 !== undefined && this.#sha256?.digest("hex") !== sha256) {
      throw new S3Error("XAmzContentSHA256Mismatch");
    }
    const computed: Partial<Record<ChecksumAlgorithm, string>> = {};
    for (const [name, sum] of this.#sums) computed[name] = sum.digest().toString("base64");
    checkSums({ ...checksums, ...statedChecksums(Object.fromEntries(trailers)) }, computed);
    return { md5: digest.toString("hex"), checksums: computed };
  }
}

function checkSums(stated: Checksums, computed: Checksums): void {
  for (const [name, sum] of Object.entries(stated)) {
    if (computed[name as ChecksumAlgorithm] === sum) continue;
    throw new S3Error(
      "BadDigest",
      `The ${name} you specified did not match the calculated checksum.`,
    );
  }
}
