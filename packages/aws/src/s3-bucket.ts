import type { S3Client } from "@aws-sdk/client-s3";
import { RefusedError, UnavailableError } from "@zenode/core";
import { isAwsException, statusOf, toPlatformError } from "./aws-failure.ts";
import type { AwsClients } from "./clients.ts";

export interface S3BucketOptions {
  readonly clients: AwsClients;
  readonly name: string;
}

/** The SDK repeats a request that is not answered, but not one whose body breaks off or falls silent. */
const BODY_ATTEMPTS = 4;

/** To who may not list the bucket, what is not there is forbidden (GetObject, "Permissions"). */
const ABSENT = [404, 403] as const;
const isAbsent = (answer: unknown): answer is (typeof ABSENT)[number] =>
  answer === 404 || answer === 403;

/** Failures with these statuses that say nothing of an object. */
const NO_ANSWERS = [
  "NoSuchBucket",
  "InvalidAccessKeyId",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
];

export interface ObjectHead {
  readonly size: number;
  /** When it was last written, to the second. Milliseconds since the epoch. */
  readonly storedAt: number;
}

/** Part of an object and the head of the whole. */
export interface ObjectPart extends ObjectHead {
  readonly body: Uint8Array;
}

export interface ListedObject extends ObjectHead {
  readonly key: string;
}

/** Parts are put in their order. */
export interface PartsUpload {
  put(part: Uint8Array): Promise<void>;
  complete(): Promise<void>;
}

/** `from` to `to`, both included; or the last bytes. */
export type ByteRange = { readonly from: number; readonly to: number } | { readonly last: number };

/** The bucket: requests counted, AWS's exceptions turned into the platform's. Callers make the keys. */
export class S3Bucket {
  readonly #clients: AwsClients;
  readonly #name: string;

  constructor({ clients, name }: S3BucketOptions) {
    this.#clients = clients;
    this.#name = name;
  }

  /** With `ifAbsent`, an object that is there already stays as it is. */
  async put(key: string, body: Uint8Array, ifAbsent: boolean): Promise<void> {
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    const input = {
      Bucket: this.#name,
      Key: key,
      Body: body,
      ContentLength: body.byteLength,
      ...(ifAbsent && { IfNoneMatch: "*" }),
    };
    await this.#send("PutObject", (client) => client.send(new PutObjectCommand(input)), [412]);
  }

  /** Undefined: no such object. */
  async get(key: string, range?: ByteRange): Promise<ObjectPart | undefined> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const input = { Bucket: this.#name, Key: key, ...(range && { Range: rangeHeader(range) }) };
    const part = await this.#send(
      "GetObject",
      async (client) => {
        for (let attempt = 1; ; attempt++) {
          const output = await client.send(new GetObjectCommand(input));
          try {
            const body = (await output.Body?.transformToByteArray()) ?? new Uint8Array();
            const size = sizeOf(output.ContentRange) ?? body.byteLength;
            return { body, size, storedAt: toTime(output.LastModified) };
          } catch (cause) {
            if (attempt === BODY_ATTEMPTS) throw cause;
          }
        }
      },
      [...ABSENT, 416],
    );
    if (part !== 416) return isAbsent(part) ? undefined : part;
    const head = await this.head(key);
    return head && { ...head, body: new Uint8Array() };
  }

  /** Undefined: no such object. */
  async head(key: string): Promise<ObjectHead | undefined> {
    const { HeadObjectCommand } = await import("@aws-sdk/client-s3");
    const input = { Bucket: this.#name, Key: key };
    const output = await this.#send(
      "HeadObject",
      (client) => client.send(new HeadObjectCommand(input)),
      ABSENT,
    );
    if (isAbsent(output)) return undefined;
    return { size: output.ContentLength ?? 0, storedAt: toTime(output.LastModified) };
  }

  /** Objects whose keys begin so, 1,000 a page. */
  async *list(prefix: string): AsyncGenerator<readonly ListedObject[]> {
    const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
    const target = { Bucket: this.#name, Prefix: prefix };
    let after: string | undefined;
    do {
      const input = { ...target, ContinuationToken: after };
      const page = await this.#send(
        "ListObjectsV2",
        (client) => client.send(new ListObjectsV2Command(input)),
        [],
      );
      yield (page.Contents ?? []).map(({ Key = "", Size = 0, LastModified }) => ({
        key: Key,
        size: Size,
        storedAt: toTime(LastModified),
      }));
      after = page.NextContinuationToken;
    } while (after !== undefined);
  }

  /** Removes up to 1,000 objects, those that are there. @throws UnavailableError when some are still there. */
  async remove(keys: readonly string[]): Promise<void> {
    const { DeleteObjectsCommand } = await import("@aws-sdk/client-s3");
    const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
    const input = { Bucket: this.#name, Delete };
    const { Errors: errors = [] } = await this.#send(
      "DeleteObjects",
      (client) => client.send(new DeleteObjectsCommand(input)),
      [],
    );
    const [error] = errors;
    if (!error) return;
    throw new UnavailableError(
      `S3 did not remove ${errors.length} of ${keys.length} objects: ${error.Code} for ${error.Key}.`,
    );
  }

  /** Copies inside the bucket. False: there is no such source. */
  async copy(from: string, to: string): Promise<boolean> {
    const { CopyObjectCommand } = await import("@aws-sdk/client-s3");
    const source = `${this.#name}/${from}`.split("/").map(encodeURIComponent).join("/");
    const input = { Bucket: this.#name, Key: to, CopySource: source };
    const output = await this.#send(
      "CopyObject",
      (client) => client.send(new CopyObjectCommand(input)),
      ABSENT,
    );
    return !isAbsent(output);
  }

  /** A URL for one PUT of exactly `bytes` bytes: the length is part of what is signed. */
  async presignPut(key: string, bytes: number, seconds: number): Promise<string> {
    const [{ PutObjectCommand }, { getSignedUrl }, client] = await Promise.all([
      import("@aws-sdk/client-s3"),
      import("@aws-sdk/s3-request-presigner"),
      this.#clients.s3(),
    ]);
    const command = new PutObjectCommand({ Bucket: this.#name, Key: key, ContentLength: bytes });
    return getSignedUrl(client, command, { expiresIn: seconds });
  }

  /** An object that comes part by part, 5 MiB to 5 GiB each but the last; there is none until it is complete. */
  async beginParts(key: string): Promise<PartsUpload> {
    const s3 = await import("@aws-sdk/client-s3");
    const place = { Bucket: this.#name, Key: key };
    const begin = new s3.CreateMultipartUploadCommand(place);
    const { UploadId } = await this.#send(
      "CreateMultipartUpload",
      (client) => client.send(begin),
      [],
    );
    const parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
    return {
      put: async (Body) => {
        const PartNumber = parts.length + 1;
        const part = new s3.UploadPartCommand({ ...place, UploadId, PartNumber, Body });
        const { ETag } = await this.#send("UploadPart", (client) => client.send(part), []);
        parts.push({ PartNumber, ETag });
      },
      complete: async () => {
        const whole = { ...place, UploadId, MultipartUpload: { Parts: parts } };
        const end = new s3.CompleteMultipartUploadCommand(whole);
        await this.#send("CompleteMultipartUpload", (client) => client.send(end), []);
      },
    };
  }

  /** A URL for GETs of one object and of ranges of it; `disposition` is what its answers say of saving it. */
  async presignGet(key: string, seconds: number, disposition?: string): Promise<string> {
    const [{ GetObjectCommand }, { getSignedUrl }, client] = await Promise.all([
      import("@aws-sdk/client-s3"),
      import("@aws-sdk/s3-request-presigner"),
      this.#clients.s3(),
    ]);
    const answer = disposition === undefined ? {} : { ResponseContentDisposition: disposition };
    const command = new GetObjectCommand({ Bucket: this.#name, Key: key, ...answer });
    return getSignedUrl(client, command, { expiresIn: seconds });
  }

  /** Sends; the HTTP statuses in `expected` are values for the caller, every other failure is thrown. */
  async #send<T, Status extends number>(
    operation: string,
    send: (client: S3Client) => Promise<T>,
    expected: readonly Status[],
  ): Promise<T | Status> {
    const client = await this.#clients.s3();
    this.#clients.meter.s3(operation);
    try {
      return await send(client);
    } catch (cause) {
      const status = expected.find((each) => each === statusOf(cause));
      if (status !== undefined && !isAwsException(cause, ...NO_ANSWERS)) return status;
      if (isAwsException(cause, "EntityTooLarge")) {
        throw new RefusedError("too_large", "The object is too large for S3.", { cause });
      }
      throw toPlatformError("S3", operation, cause);
    }
  }
}

/** RFC 9110 section 14.1.2. */
function rangeHeader(range: ByteRange): string {
  return "last" in range ? `bytes=-${range.last}` : `bytes=${range.from}-${range.to}`;
}

/** S3 states it for every object; without it nothing could be told to be old. */
function toTime(modified: Date | undefined): number {
  if (modified) return modified.getTime();
  throw new UnavailableError("S3 did not say when an object was written.");
}

/** `bytes 0-9/100` -> 100. */
function sizeOf(contentRange: string | undefined): number | undefined {
  const size = /\/(\d+)$/.exec(contentRange ?? "")?.[1];
  return size === undefined ? undefined : Number(size);
}
