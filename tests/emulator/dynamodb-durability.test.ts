import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processStart } from "../../packages/emulator/src/processes/process-identity.ts";
import { documentsOf, dynamoDbClient, TABLE } from "./dynamodb-fixture.ts";
import { type Killable, startKillable } from "./killable.ts";

let dir: string;
let server: Killable;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "emulator-dynamodb-kill-"));
  server = await startKillable("dynamodb-process.ts", dir);
});
afterEach(async () => {
  await server.kill();
  await expect.poll(() => processStart(engine())).toBeUndefined();
  rmSync(dir, { recursive: true });
});

let lastEngine = 0;

/** The engine's pid as the emulator has written it down. */
function engine(): number {
  const text = readFileSync(join(dir, "processes.jsonl"), "utf8");
  if (text !== "") lastEngine = JSON.parse(text).pid;
  return lastEngine;
}

test("items acknowledged before a kill are there after it, and no engine is left over", async () => {
  const documents = documentsOf(dynamoDbClient(server.endpoint));
  const acknowledged: string[] = [];
  const writer = (async () => {
    for (let index = 0; ; index++) {
      const Item = { pk: `k${index}`, pad: "x".repeat(2_000) };
      await documents.send(new PutCommand({ TableName: TABLE, Item }));
      acknowledged.push(Item.pk);
    }
  })();
  const broken = expect(writer).rejects.toThrow();
  await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(100);
  const before = engine();
  await server.kill();
  await broken;
  await expect.poll(() => processStart(before), { timeout: 10_000 }).toBeUndefined();
  server = await startKillable("dynamodb-process.ts", dir);
  const after = documentsOf(dynamoDbClient(server.endpoint));
  for (const pk of acknowledged) {
    const input = { TableName: TABLE, Key: { pk }, ConsistentRead: true };
    const { Item } = await after.send(new GetCommand(input));
    expect(Item).toEqual({ pk, pad: "x".repeat(2_000) });
  }
});

test("a folder is served by one emulator at a time", async () => {
  await expect(startKillable("dynamodb-process.ts", dir)).rejects.toThrow("ended before");
  expect(processStart(engine())).toBeDefined();
});
