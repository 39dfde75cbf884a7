import { setTimeout as delay } from "node:timers/promises";
import type { TableTemplate } from "../template.ts";
import { RefusedError, type Upstream } from "./upstream.ts";

interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: "HASH" | "RANGE";
}

export interface TableDescription {
  readonly TableName: string;
  readonly TableStatus: string;
  readonly KeySchema: readonly KeySchemaElement[];
}

/** Makes the tables that are missing, all on demand, and resolves once each is ACTIVE with its TTL. */
export async function createTables(
  upstream: Upstream,
  tables: readonly TableTemplate[],
): Promise<void> {
  for (const table of tables) {
    await createTable(upstream, table);
    await waitUntilActive(upstream, table.name);
    if (table.ttlAttribute !== undefined) await enableTtl(upstream, table.name, table.ttlAttribute);
  }
}

/** Every key is a string: our templates name no types. */
async function createTable(upstream: Upstream, table: TableTemplate): Promise<void> {
  const indexes = (table.indexes ?? []).map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: { ProjectionType: "ALL" },
  }));
  const keys = [table, ...(table.indexes ?? [])].flatMap(keySchema);
  const names = new Set(keys.map((key) => key.AttributeName));
  const input = {
    TableName: table.name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keySchema(table),
    AttributeDefinitions: Array.from(names, (name) => ({
      AttributeName: name,
      AttributeType: "S",
    })),
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
  await unlessThere(upstream.call("CreateTable", input));
}

/** A table of an earlier run is as good as a new one. */
async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (cause) {
    if (!(cause instanceof RefusedError && cause.type === "ResourceInUseException")) throw cause;
  }
}

function keySchema(keys: {
  readonly hashKey: string;
  readonly rangeKey?: string;
}): KeySchemaElement[] {
  const range: KeySchemaElement[] =
    keys.rangeKey === undefined ? [] : [{ AttributeName: keys.rangeKey, KeyType: "RANGE" }];
  return [{ AttributeName: keys.hashKey, KeyType: "HASH" }, ...range];
}

export async function describeTable(upstream: Upstream, name: string): Promise<TableDescription> {
  const { Table } = await upstream.call<{ Table: TableDescription }>("DescribeTable", {
    TableName: name,
  });
  return Table;
}

/** DynamoDB has no other way to learn that a table is ready. */
async function waitUntilActive(upstream: Upstream, name: string): Promise<void> {
  while ((await describeTable(upstream, name)).TableStatus !== "ACTIVE") await delay(20);
}

/** The attribute TTL is enabled on, undefined without TTL. */
export async function ttlAttributeOf(
  upstream: Upstream,
  name: string,
): Promise<string | undefined> {
  const { TimeToLiveDescription: ttl } = await upstream.call<{
    TimeToLiveDescription?: { TimeToLiveStatus?: string; AttributeName?: string };
  }>("DescribeTimeToLive", { TableName: name });
  return ttl?.TimeToLiveStatus === "ENABLED" ? ttl.AttributeName : undefined;
}

async function enableTtl(upstream: Upstream, name: string, attribute: string): Promise<void> {
  if ((await ttlAttributeOf(upstream, name)) === attribute) return;
  await upstream.call("UpdateTimeToLive", {
    TableName: name,
    TimeToLiveSpecification: { AttributeName: attribute, Enabled: true },
  });
}

/** Names of all tables. */
export async function listTables(upstream: Upstream): Promise<string[]> {
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page: { TableNames: string[]; LastEvaluatedTableName?: string } = await upstream.call(
      "ListTables",
      after === undefined ? {} : { ExclusiveStartTableName: after },
    );
    names.push(...page.TableNames);
    after = page.LastEvaluatedTableName;
  } while (after !== undefined);
  return names;
}
