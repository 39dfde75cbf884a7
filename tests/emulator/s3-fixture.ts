import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client, type S3ClientConfig, type S3ServiceException } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import { FaultPlan } from "../../packages/emulator/src/faults/fault-plan.ts";
import { type S3, startS3 } from "../../packages/emulator/src/s3/s3.ts";
import type { S3Usage } from "../../packages/emulator/src/s3/server.ts";
import type { BucketTemplate } from "../../packages/emulator/src/template.ts";

export const BUCKET = "workspaces";

export interface S3Fixture extends AsyncDisposable {
  readonly s3: S3;
  readonly client: S3Client;
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  readonly usage: S3Usage[];
  readonly dir: string;
}

export function s3Client(endpoint: string, config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint,
    region: "eu-central-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
    maxAttempts: 1,
    ...config,
  });
}

/** A server of its own on a new folder, with a client that does not retry. */
export async function s3With(
  buckets: readonly BucketTemplate[] = [{ name: BUCKET }],
): Promise<S3Fixture> {
  const dir = mkdtempSync(join(tmpdir(), "emulator-s3-"));
  const [clock, faults] = [new EmulatorClock(), new FaultPlan()];
  const usage: S3Usage[] = [];
  const requests = (entry: S3Usage) => usage.push(entry);
  const s3 = await startS3({ dir, buckets, clock, faults, requests });
  const client = s3Client(s3.endpoint);
  const close = async () => {
    client.destroy();
    await s3.close();
    rmSync(dir, { recursive: true });
  };
  return { s3, client, clock, faults, usage, dir, [Symbol.asyncDispose]: close };
}

export interface ReadableAnswer {
  readonly Body?: { transformToByteArray(): Promise<Uint8Array> };
}

export async function bytesOf(answer: ReadableAnswer): Promise<Buffer> {
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

export async function textOf(answer: ReadableAnswer): Promise<string> {
  return (await bytesOf(answer)).toString();
}

/** The request is refused with this status and, where S3 sends a body, this code. */
export async function expectRefusal(
  request: Promise<unknown>,
  status: number,
  code?: string,
): Promise<void> {
  const outcome = await request.then(
    () => undefined,
    (cause: S3ServiceException) => cause,
  );
  expect(outcome?.$metadata?.httpStatusCode).toBe(status);
  if (code !== undefined) expect(outcome?.name).toBe(code);
}

/** Bytes that tell a shifted or torn copy from the original. */
export function patterned(bytes: number, seed = 1): Buffer {
  let state = seed;
  return Buffer.from(
    Uint8Array.from({ length: bytes }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state >>> 16;
    }),
  );
}
