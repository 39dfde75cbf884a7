import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AwsClients,
  type AwsSettings,
  createAwsClients,
  DynamoTable,
  S3Bucket,
} from "@zenode/aws";
import type { Clock, Meter } from "@zenode/core";
import {
  type DynamoDb,
  EmulatorClock,
  FaultPlan,
  type S3,
  startDynamoDb,
  startS3,
} from "@zenode/emulator";

/** What an adapter's test needs of AWS: one table, one bucket, faults, and what was consumed. */
export interface AwsFixture extends AsyncDisposable {
  readonly clients: AwsClients;
  readonly table: DynamoTable;
  readonly bucket: S3Bucket;
  readonly faults: FaultPlan;
  readonly usage: UsageMeter;
}

export const REAL_TIME: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Adds up what was consumed since it was last taken. */
export class UsageMeter implements Meter {
  #rru = 0;
  #wru = 0;
  #requests: string[] = [];

  dynamodb(operation: string, rru: number, wru: number): void {
    this.#rru += rru;
    this.#wru += wru;
    this.#requests.push(operation);
  }

  s3(operation: string): void {
    this.#requests.push(operation);
  }

  take() {
    const taken = { rru: this.#rru, wru: this.#wru, requests: this.#requests };
    this.#rru = 0;
    this.#wru = 0;
    this.#requests = [];
    return taken;
  }
}

const TABLE = "zenode";
const BUCKET = "zenode-test";
const REGION = "eu-central-1";

/** Starts DynamoDB and S3 of the local cloud on free ports. */
export async function startAws(
  settings: Pick<AwsSettings, "idleTimeoutMs" | "credentials"> = {},
): Promise<AwsFixture> {
  const dir = mkdtempSync(join(tmpdir(), "zenode-aws-"));
  const faults = new FaultPlan();
  const clock = new EmulatorClock();
  const dynamodb: DynamoDb = await startDynamoDb({
    dir: join(dir, "dynamodb"),
    tables: [{ name: TABLE, hashKey: "pk", rangeKey: "sk", ttlAttribute: "expiresAt" }],
    place: { account: "000000000000", region: REGION },
    clock,
    faults,
    // Contracts move their own clock; what they wrote must not be swept away meanwhile.
    ttlDelayMs: 7 * 86_400_000,
  });
  const s3: S3 = await startS3({
    dir: join(dir, "s3"),
    buckets: [{ name: BUCKET, hidesMissing: true }],
    clock,
    faults,
  });
  const usage = new UsageMeter();
  const clients = createAwsClients(
    {
      region: REGION,
      endpoints: { dynamodb: dynamodb.endpoint, s3: s3.endpoint },
      credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
      ...settings,
    },
    usage,
  );
  return {
    clients,
    table: new DynamoTable({ clients, name: TABLE, clock: REAL_TIME }),
    bucket: new S3Bucket({ clients, name: BUCKET }),
    faults,
    usage,
    async [Symbol.asyncDispose]() {
      await dynamodb.close();
      await s3.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
