import {
  awayStoreContract,
  codeStoreContract,
  documentCacheContract,
  familyStoreContract,
} from "@zenode/auth/testing";
import {
  DynamoAwayStore,
  DynamoCodeStore,
  DynamoDocumentCache,
  DynamoFamilyStore,
} from "@zenode/aws/auth";
import { newId } from "@zenode/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AwsFixture, startAws } from "./aws-fixture.ts";

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
});
afterEach(() => aws.faults.clear());
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

awayStoreContract("DynamoAwayStore", () => new DynamoAwayStore({ table: aws.table }));
familyStoreContract("DynamoFamilyStore", () => new DynamoFamilyStore({ table: aws.table }));
codeStoreContract("DynamoCodeStore", () => new DynamoCodeStore({ table: aws.table }));
documentCacheContract("DynamoDocumentCache", () => new DynamoDocumentCache({ table: aws.table }));

test("a family's creation, its move and a code's use cost one write each, finding one a read", async () => {
  const families = new DynamoFamilyStore({ table: aws.table });
  const codes = new DynamoCodeStore({ table: aws.table });
  const [id, now] = [newId("grant"), Date.now()];
  const shared = { clientId: "client_1", subject: "s", resource: "r", scopes: ["zenode/read"] };
  const family = { id, ...shared, hash: "h1", movedAt: now, keyId: "k", sealed: "x" };
  const move = { previousHash: "h1", hash: "h2", movedAt: now, keyId: "k", sealed: "y" };
  const code = { hash: id, ...shared, redirectUri: "u", challenge: "c", family: id, sealed: "x" };
  const costs = {
    create: await cost(() => families.create({ ...family, expiresAt: now + 60_000 })),
    find: await cost(() => families.find(id, now)),
    move: await cost(() => families.move(id, move)),
    revoke: await cost(() => families.revoke(id, now)),
    add: await cost(() => codes.add({ ...code, keyId: "k", expiresAt: now + 60_000 })),
    findCode: await cost(() => codes.find(id)),
    use: await cost(() => codes.use(id, "u1")),
  };
  expect(costs).toEqual({
    create: [0, 1, "PutItem"],
    find: [1, 0, "GetItem"],
    move: [0, 1, "UpdateItem"],
    revoke: [0, 1, "UpdateItem"],
    add: [0, 1, "PutItem"],
    findCode: [1, 0, "GetItem"],
    use: [0, 1, "UpdateItem"],
  });
});

test("keeping a client's metadata document or a pause costs one write, finding it a read", async () => {
  const documents = new DynamoDocumentCache({ table: aws.table });
  const [id, now] = ["https://app.example.com/client.json", Date.now()];
  const client = {
    id,
    kind: "document",
    redirectUris: ["http://127.0.0.1/a"],
    native: true,
  } as const;
  const costs = {
    pause: await cost(() => documents.pause(id, { now, until: now + 60_000 })),
    keep: await cost(() => documents.keep(client, now + 60_000)),
    find: await cost(() => documents.find(id, now)),
    pauseTooLate: await cost(() => documents.pause(id, { now, until: now + 60_000 })),
  };
  expect(costs).toEqual({
    pause: [0, 1, "PutItem"],
    keep: [0, 1, "PutItem"],
    find: [1, 0, "GetItem"],
    pauseTooLate: [0, 1, "PutItem"],
  });
});

async function cost(call: () => Promise<unknown>) {
  aws.usage.take();
  await call();
  const { rru, wru, requests } = aws.usage.take();
  return [rru, wru, requests.join(" ")];
}
