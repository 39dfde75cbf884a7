import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import {
  type DynamoDb,
  type DynamoDbOptions,
  startDynamoDb,
} from "../../packages/emulator/src/dynamodb/dynamo-db.ts";
import type { DynamoDbUsage } from "../../packages/emulator/src/dynamodb/proxy.ts";
import { FaultPlan } from "../../packages/emulator/src/faults/fault-plan.ts";
import type { TableTemplate } from "../../packages/emulator/src/template.ts";

export const PLACE = { account: "111122223333", region: "eu-central-1" };
export const TABLE = "things";

const THINGS: TableTemplate = {
  name: TABLE,
  hashKey: "pk",
  rangeKey: "sk",
  ttlAttribute: "expires",
  indexes: [{ name: "by-owner", hashKey: "owner", rangeKey: "since" }],
};

export interface DynamoDbFixture extends AsyncDisposable {
  readonly dynamoDb: DynamoDb;
  readonly client: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  readonly usage: DynamoDbUsage[];
  readonly dir: string;
}

export function dynamoDbClient(endpoint: string, maxAttempts = 1): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: PLACE.region,
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
    maxAttempts,
  });
}

export function documentsOf(client: DynamoDBClient): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** A server of its own on a new folder with one table, and clients that do not retry. */
export async function dynamoDbWith(
  options: Partial<DynamoDbOptions> = {},
): Promise<DynamoDbFixture> {
  const dir = mkdtempSync(join(tmpdir(), "emulator-dynamodb-"));
  const [clock, faults] = [new EmulatorClock(), new FaultPlan()];
  const usage: DynamoDbUsage[] = [];
  const requests = (entry: DynamoDbUsage) => usage.push(entry);
  const dynamoDb = await startDynamoDb({
    ...{ dir, tables: [THINGS], place: PLACE, clock, faults, requests },
    ...options,
  });
  const client = dynamoDbClient(dynamoDb.endpoint);
  const close = async () => {
    client.destroy();
    await dynamoDb.close();
    rmSync(dir, { recursive: true });
  };
  const documents = documentsOf(client);
  return { dynamoDb, client, documents, clock, faults, usage, dir, [Symbol.asyncDispose]: close };
}
