import { createHash, type Hash } from "node:crypto";
import { hmac, sameSignature, scopeText, sha256Hex } from "../../signature/sigv4.ts";
import { S3Error } from "../s3-error.ts";
import type { Authentication } from "./request-signature.ts";

const EMPTY_SHA256 = sha256Hex("");

/**
 * The chain of signatures over the chunks of a signed streaming upload: each covers the one before it
 * (S3 API, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks").
 */
export class ChunkSignatures {
  readonly #authentication: Authentication;
  #previous: string;
  #hash: Hash = createHash("sha256");

  constructor(authentication: Authentication) {
    this.#authentication = authentication;
    this.#previous = authentication.signature;
  }

  update(data: Buffer): void {
    this.#hash.update(data);
  }

  /** Ends a chunk. @throws S3Error SignatureDoesNotMatch */
  endChunk(signature: string): void {
    const digest = this.#hash.digest("hex");
    this.#hash = createHash("sha256");
    this.#check("AWS4-HMAC-SHA256-PAYLOAD", [EMPTY_SHA256, digest], signature);
  }

  /** Checks the trailer; `lines` are its headers as `name:value\n`. @throws S3Error SignatureDoesNotMatch */
  endTrailer(lines: string, signature: string): void {
    this.#check("AWS4-HMAC-SHA256-TRAILER", [sha256Hex(lines)], signature);
  }

  #check(algorithm: string, hashes: readonly string[], signature: string): void {
    const { amzDate, scope, key } = this.#authentication;
    const text = [algorithm, amzDate, scopeText(scope), this.#previous, ...hashes].join("\n");
    this.#previous = hmac(key, text).toString("hex");
    if (!sameSignature(this.#previous, signature)) throw new S3Error("SignatureDoesNotMatch");
  }
}
