import { type Client, ClientRegistration } from "@zenode/auth";
import {
  awayStoreContract,
  clientStoreContract,
  codeStoreContract,
  documentCacheContract,
  familyStoreContract,
  registrationRateContract,
} from "@zenode/auth/testing";
import {
  DynamoAwayStore,
  DynamoClientStore,
  DynamoCodeStore,
  DynamoDocumentCache,
  DynamoFamilyStore,
  DynamoRegistrationRate,
} from "@zenode/aws/auth";
import { DAY, newId } from "@zenode/core";
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
clientStoreContract("DynamoClientStore", () => new DynamoClientStore({ table: aws.table }));
registrationRateContract(
  "DynamoRegistrationRate",
  () => new DynamoRegistrationRate({ table: aws.table }),
);

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

test("a client's registration costs two counts and a write, and a look at it a read", async () => {
  const store = new DynamoClientStore({ table: aws.table });
  const rate = new DynamoRegistrationRate({ table: aws.table });
  const limits = { perAddress: 1, inAll: 1_000_000 };
  const registration = new ClientRegistration({ store, rate, limits });
  const [address, now] = [crypto.randomUUID(), Date.now()];
  let clientId = "";
  const register = (redirect_uris: readonly string[]) =>
    cost(async () => {
      const answer = await registration.register({ redirect_uris }, address, now);
      if (answer.kind === "registered") clientId = answer.information.client_id;
    });
  const costs = {
    register: await register(["http://localhost:7/callback"]),
    overItsLimit: await register(["http://localhost:7/callback"]),
    ofNoUse: await register(["javascript:alert(1)"]),
    find: await cost(() => store.find(clientId, now)),
    keep: await cost(() => store.keep(clientId, now + 90 * DAY, now)),
    findNobody: await cost(() => store.find("https://app.example/client.json", now)),
  };
  expect(costs).toEqual({
    register: [0, 3, "UpdateItem UpdateItem PutItem"],
    overItsLimit: [0, 1, "UpdateItem"],
    ofNoUse: [0, 0, ""],
    find: [1, 0, "GetItem"],
    keep: [0, 1, "UpdateItem"],
    findNobody: [0, 0, ""],
  });
});

test("clients and counts are kept as the data model says, and their TTL is never before their time", async () => {
  const store = new DynamoClientStore({ table: aws.table });
  const rate = new DynamoRegistrationRate({ table: aws.table });
  const id = newId("client");
  const client: Client = {
    id,
    kind: "registered",
    redirectUris: ["https://a.example/"],
    native: false,
  };
  const item = {
    ...{ pk: `O#R#${id}`, sk: "client", redirectUris: '["https://a.example/"]', native: false },
    ...{ expiresAtMs: 1_900_000_000_001, expiresAt: 1_900_000_001 },
  };
  await store.add(client, 1_900_000_000_001);
  expect(await aws.table.get({ pk: item.pk, sk: item.sk })).toEqual(item);
  await store.keep(id, 1_900_000_009_999, 1_900_000_000_000);
  expect(await aws.table.get({ pk: item.pk, sk: item.sk })).toEqual({
    ...item,
    ...{ expiresAtMs: 1_900_000_009_999, expiresAt: 1_900_000_010 },
  });
  const count = { pk: `O#N#address:${id}`, sk: "001900000800" };
  await rate.count(`address:${id}`, 1_900_000_800_000, 5);
  await rate.count(`address:${id}`, 1_900_000_800_000, 5);
  const counted = { ...count, count: 2, expiresAt: 1_900_004_400 };
  expect(await aws.table.get(count)).toEqual(counted);
});

test("a client whose registration's answer was lost is registered once, and a count that was lost never lets more through", async () => {
  const store = new DynamoClientStore({ table: aws.table });
  const rate = new DynamoRegistrationRate({ table: aws.table });
  const [id, now] = [newId("client"), Date.now()];
  const client: Client = {
    id,
    kind: "registered",
    redirectUris: ["https://a.example/"],
    native: false,
  };
  const lose = { kind: "lose-answer" } as const;
  aws.faults.add({ service: "dynamodb", operation: "PutItem", action: lose, times: 1 });
  await store.add(client, now + DAY);
  expect(await store.find(id, now)).toEqual({ client, expiresAt: now + DAY });
  aws.faults.add({ service: "dynamodb", operation: "UpdateItem", action: lose, times: 1 });
  const counts = [
    await rate.count(id, now, 3),
    await rate.count(id, now, 3),
    await rate.count(id, now, 3),
  ];
  expect(counts).toEqual([true, true, false]);
});

async function cost(call: () => Promise<unknown>) {
  aws.usage.take();
  await call();
  const { rru, wru, requests } = aws.usage.take();
  return [rru, wru, requests.join(" ")];
}
