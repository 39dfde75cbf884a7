import {
  DynamoEventLog,
  DynamoJobStore,
  DynamoLaunchQueue,
  DynamoProjectChoices,
  DynamoSessionStore,
  DynamoSnapshotStore,
  DynamoWarmWorkers,
  S3PackStore,
} from "@zenode/aws";
import {
  DynamoDueProjects,
  DynamoSnapshotArchive,
  DynamoUsageStore,
  S3PackInventory,
} from "@zenode/aws/storage";
import { type Change, ChangeBus, type Lease, newId, WINDOW_MS } from "@zenode/core";
import { StorageAccount, sweep } from "@zenode/core/storage";
import { makeJob } from "@zenode/core/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsFixture, REAL_TIME, startAws } from "./aws-fixture.ts";

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

/**
 * RRU, WRU and requests of a call. A job takes one of its tenant's slots by chance, so each test has a tenant of its own:
 * a taken slot costs another request.
 */
async function cost(call: () => Promise<unknown>) {
  aws.usage.take();
  await call();
  const { rru, wru, requests } = aws.usage.take();
  return [rru, wru, requests.join(" ")];
}

test("a job's life costs these units", async () => {
  const store = new DynamoJobStore({ table: aws.table, clock: REAL_TIME, bucket: aws.bucket });
  const [job, now] = [makeJob(), Date.now()];
  const lease: Lease = { tenant: "u-ada", id: job.id, fence: 1 };
  const request = { method: "roots/list" } as const;
  const outcome = { kind: "error", code: "x", message: "x" } as const;
  const costs = {
    create: await cost(() => store.create(job)),
    again: await cost(() => store.create(makeJob({ callKey: job.callKey }))),
    list: await cost(() => store.list(job.principal, 1)),
    noteLaunch: await cost(() => store.noteLaunch(job, now)),
    get: await cost(() => store.get("u-ada", job.id)),
    claim: await cost(() =>
      store.claim("u-ada", job.id, { worker: "w-1", leaseUntil: now + 15_000, now: now }),
    ),
    lostClaim: await cost(() =>
      store.claim("u-ada", job.id, { worker: "w-1", leaseUntil: now + 15_000, now: now }),
    ),
    start: await cost(() => store.start(lease, now)),
    heartbeat: await cost(() => store.heartbeat(lease, now + 30_000, now)),
    ask: await cost(() => store.ask(lease, { add: [{ key: "a", request }], drop: [] }, now)),
    answer: await cost(() => store.answer("u-ada", job.id, { a: { roots: [] } }, now)),
    answerNothing: await cost(() => store.answer("u-ada", job.id, { a: { roots: [] } }, now)),
    checkpoint: await cost(() => store.checkpoint(lease, { state: 1, closes: [] }, now)),
    checkpointClosing: await cost(() => store.checkpoint(lease, { state: 2, closes: ["a"] }, now)),
    cancelRunning: await cost(() => store.cancel("u-ada", job.id, now)),
    finish: await cost(() => store.finish(lease, { state: "failed", outcome }, now)),
  };
  expect(costs).toEqual({
    create: [0, 8, "TransactWriteItems"],
    again: [1, 8, "TransactWriteItems Query"],
    list: [2, 0, "Query Query"],
    noteLaunch: [0, 1, "UpdateItem"],
    get: [1, 0, "Query"],
    claim: [0, 1, "UpdateItem"],
    lostClaim: [0, 1, "UpdateItem"],
    start: [0, 1, "UpdateItem"],
    heartbeat: [0, 1, "UpdateItem"],
    ask: [1, 1, "GetItem UpdateItem"],
    answer: [1, 1, "GetItem UpdateItem"],
    answerNothing: [1, 0, "GetItem"],
    checkpoint: [0, 1, "UpdateItem"],
    checkpointClosing: [1, 1, "GetItem UpdateItem"],
    cancelRunning: [0, 2, "UpdateItem UpdateItem"],
    // The second frees the tenant's slot.
    finish: [0, 2, "UpdateItem DeleteItem"],
  });
});

test("waiting for a worker costs these units", async () => {
  const queue = new DynamoLaunchQueue({ table: aws.table });
  const [tenant, turn] = [`t-${crypto.randomUUID()}`, Date.now()];
  const ticket = { tenant, id: newId("task"), since: turn, expiresAt: turn + 60_000 } as const;
  const place = { tenant, turn, joined: 1 };
  const costs = {
    doesAnybodyWait: await cost(() => queue.ring(1)),
    addTicket: await cost(() => queue.addTicket(ticket)),
    join: await cost(() => queue.join(tenant, turn)),
    ring: await cost(() => queue.ring()),
    oldest: await cost(() => queue.oldest(tenant)),
    moveTurn: await cost(() => queue.moveTurn(place, turn + 1)),
    dropTicket: await cost(() => queue.dropTicket(ticket)),
    leave: await cost(() => queue.leave({ ...place, turn: turn + 1 })),
    closeGate: await cost(() => queue.closeGate(turn)),
  };
  expect(costs).toEqual({
    doesAnybodyWait: [1, 0, "Query"],
    addTicket: [0, 1, "PutItem"],
    join: [0, 1, "UpdateItem"],
    ring: [1, 0, "Query"],
    oldest: [1, 0, "Query"],
    moveTurn: [0, 1, "UpdateItem"],
    dropTicket: [0, 1, "DeleteItem"],
    leave: [0, 1, "DeleteItem"],
    closeGate: [0, 1, "UpdateItem"],
  });
});

test("a parked job costs nothing until it is answered, and a large checkpoint at each heartbeat", async () => {
  const store = new DynamoJobStore({ table: aws.table, clock: REAL_TIME });
  const [job, now] = [makeJob({ asks: ["roots"] }, { tenant: "u-parked" }), Date.now()];
  const lease: Lease = { tenant: "u-parked", id: job.id, fence: 1 };
  await store.create(job);
  await store.claim("u-parked", job.id, { worker: "w-1", leaseUntil: now + 15_000, now });
  await store.start(lease, now);
  const keep = () => store.checkpoint(lease, { state: "x".repeat(10 * 1024), closes: [] }, now);
  expect(await cost(keep)).toEqual([0, 11, "UpdateItem"]);
  expect(await cost(() => store.heartbeat(lease, now + 1, now))).toEqual([0, 11, "UpdateItem"]);
  await store.checkpoint(lease, { state: 1, closes: [] }, now);
  await store.ask(lease, { add: [{ key: "a", request: { method: "roots/list" } }], drop: [] }, now);
  expect(await cost(() => store.park(lease, now))).toEqual([0, 1, "UpdateItem"]);
});

test("a job's children cost these units", async () => {
  const store = new DynamoJobStore({ table: aws.table, clock: REAL_TIME });
  const [job, now] = [makeJob({}, { tenant: "u-parent" }), Date.now()];
  const lease: Lease = { tenant: "u-parent", id: job.id, fence: 1 };
  await store.create(job);
  await store.claim("u-parent", job.id, { worker: "w-1", leaseUntil: now + 15_000, now });
  const parent = { id: job.id, index: 0, depth: 1, after: 0 };
  const child = { ...makeJob({}, { tenant: "u-parent" }), parent };
  const costs = {
    create: await cost(() => store.createChild(child, lease)),
    again: await cost(() => store.createChild(child, lease)),
    find: await cost(() => store.children("u-parent", job.id)),
  };
  expect(costs).toEqual({
    create: [0, 6, "TransactWriteItems"],
    again: [1, 6, "TransactWriteItems Query"],
    find: [1, 0, "Query"],
  });
});

test("large arguments, and a large result of a call that ran in Lambda, cost a PUT each, and no heartbeat", async () => {
  const store = new DynamoJobStore({ table: aws.table, clock: REAL_TIME, bucket: aws.bucket });
  const text = "x".repeat(100 * 1024);
  const [job, now] = [makeJob({ input: { text } }, { tenant: "u-large" }), Date.now()];
  const lease: Lease = { tenant: "u-large", id: job.id, fence: 1 };
  const outcome = { kind: "result", result: { content: [{ type: "text", text }] } } as const;
  const kept = makeJob({ state: "completed", outcome }, { tenant: "u-large" });
  const costs = {
    create: await cost(() => store.create(job)),
    claim: await cost(() =>
      store.claim("u-large", job.id, { worker: "w-1", leaseUntil: now + 15_000, now }),
    ),
    heartbeat: await cost(() => store.heartbeat(lease, now, now)),
    get: await cost(() => store.get("u-large", job.id)),
    keep: await cost(() => store.keep(kept)),
  };
  expect(costs).toEqual({
    create: [0, 10, "PutObject TransactWriteItems"],
    claim: [1, 1, "UpdateItem GetItem GetObject"],
    heartbeat: [0, 1, "UpdateItem"],
    get: [1, 0, "Query GetObject"],
    keep: [0, 4, "PutObject TransactWriteItems"],
  });
});

test("a log, a session, a snapshot and a choice cost these units", async () => {
  const log = new DynamoEventLog({ table: aws.table, clock: REAL_TIME });
  const sessions = new DynamoSessionStore({ table: aws.table, clock: REAL_TIME });
  const snapshots = new DynamoSnapshotStore({ table: aws.table });
  const choices = new DynamoProjectChoices({ table: aws.table });
  const stream = { tenant: "u-ada", stream: newId("task"), expiresAt: Date.now() + 60_000 };
  const events = Array.from({ length: 10 }, (_, progress) => ({
    kind: "progress",
    data: { progress, total: 10 },
  }));
  const session = {
    id: crypto.randomUUID(),
    tenant: "u-ada",
    subject: "ada",
    clientId: "client-1",
    protocolVersion: "2025-11-25",
    initialize: { method: "initialize" },
    subscriptions: [],
    expiresAt: Date.now() + 60_000,
  };
  const record = {
    project: "demo",
    number: 1,
    root: "0".repeat(64),
    packs: [{ id: newId("pack"), bytes: 1, indexBytes: 1 }],
    files: 1,
    bytes: 1,
    author: "ada",
    message: "first",
    createdAt: 1,
  };
  const costs = {
    append: await cost(() => log.append(stream, 1, "w1", events)),
    read: await cost(() => log.readAfter(stream, 0)),
    readNothing: await cost(() => log.readAfter(stream, 10)),
    resume: await cost(() =>
      new DynamoEventLog({ table: aws.table, clock: REAL_TIME }).readAfter(stream, 4),
    ),
    createSession: await cost(() => sessions.create(session)),
    getSession: await cost(() => sessions.get("u-ada", session.id)),
    setLogLevel: await cost(() => sessions.setLogLevel("u-ada", session.id, "info")),
    commit: await cost(() => snapshots.commit("u-ada", record)),
    head: await cost(() => snapshots.head("u-ada", "demo")),
    heads: await cost(() => snapshots.heads("u-ada")),
    choose: await cost(() => choices.choose("u-ada", "ada", "demo")),
    chosen: await cost(() => choices.chosen("u-ada", "ada")),
  };
  expect(costs).toEqual({
    append: [0, 1, "PutItem"],
    read: [1, 0, "Query"],
    readNothing: [1, 0, "Query"],
    resume: [2, 0, "Query Query"],
    createSession: [0, 1, "PutItem"],
    getSession: [1, 0, "GetItem"],
    setLogLevel: [0, 1, "UpdateItem"],
    commit: [0, 4, "TransactWriteItems"],
    head: [1, 0, "GetItem"],
    heads: [1, 0, "Query"],
    choose: [0, 1, "PutItem"],
    chosen: [1, 0, "GetItem"],
  });
});

test("a change costs these units", async () => {
  const log = new DynamoEventLog({ table: aws.table, clock: REAL_TIME });
  // In the middle of a window, where only one stream is read.
  const clock = { ...REAL_TIME, now: () => (Math.floor(Date.now() / WINDOW_MS) + 0.5) * WINDOW_MS };
  const bus = new ChangeBus({ log, clock });
  const over = new AbortController();
  let changes: AsyncGenerator<Change>;
  const costs = {
    listen: await cost(async () => {
      const feed = await bus.listen("u-ada", ["lists"]);
      changes = feed.changes(over.signal);
    }),
    publish: await cost(() => bus.publish("u-ada", { kind: "tools" })),
    look: await cost(() => changes.next()),
  };
  over.abort();
  expect(costs).toEqual({
    listen: [1, 0, "Query"],
    publish: [1, 1, "Query PutItem"],
    look: [1, 0, "Query"],
  });
});

test("a warm worker costs these units", async () => {
  const warm = new DynamoWarmWorkers({ table: aws.table });
  const worker = `arn:aws:ecs:eu-central-1:000000000000:task/zenode/${"0".repeat(32)}`;
  const size = { cpu: 1024, memoryMb: 2048, taskDefinition: "zenode-worker:7" };
  const offer = { worker, ...size, until: Date.now() + 60_000 };
  const order = () => ({ job: newId("task"), orderedAt: Date.now() });
  const costs = {
    listNone: await cost(() => warm.list("u-ada")),
    offer: await cost(() => warm.offer("u-ada", { ...offer, number: 1 })),
    look: await cost(() => warm.get("u-ada", worker)),
    list: await cost(() => warm.list("u-ada")),
    order: await cost(() => warm.order("u-ada", worker, order())),
    lateOrder: await cost(() => warm.order("u-ada", worker, order())),
    lateWithdrawal: await cost(() => warm.withdraw("u-ada", worker)),
    offerAgain: await cost(() => warm.offer("u-ada", { ...offer, number: 2 })),
    withdraw: await cost(() => warm.withdraw("u-ada", worker)),
    lookForNone: await cost(() => warm.get("u-ada", worker)),
  };
  expect(costs).toEqual({
    listNone: [1, 0, "Query"],
    offer: [0, 1, "PutItem"],
    look: [1, 0, "GetItem"],
    list: [1, 0, "Query"],
    order: [0, 1, "UpdateItem"],
    lateOrder: [0, 1, "UpdateItem"],
    lateWithdrawal: [0, 1, "DeleteItem"],
    offerAgain: [0, 1, "PutItem"],
    withdraw: [0, 1, "DeleteItem"],
    lookForNone: [1, 0, "GetItem"],
  });
});

test("a pack costs one request an operation, and signing costs none", async () => {
  const packs = new S3PackStore({ bucket: aws.bucket });
  const [pack, upload] = [newId("pack"), newId("upload")];
  const body = new Uint8Array(100);
  let url = "";
  const costs = {
    put: await cost(() => packs.put("u-ada", "demo", pack, body)),
    read: await cost(() => packs.read("u-ada", "demo", pack, 0, 10)),
    presign: await cost(async () => {
      url = await packs.presignUpload("u-ada", upload, 100, 60);
    }),
    upload: await cost(() => fetch(url, { method: "PUT", body })),
    tail: await cost(() => packs.readUploadTail("u-ada", upload, 10)),
    adopt: await cost(() => packs.adopt("u-ada", "demo", upload, newId("pack"))),
  };
  expect(costs).toEqual({
    put: [0, 0, "PutObject"],
    read: [0, 0, "GetObject"],
    presign: [0, 0, ""],
    upload: [0, 0, ""],
    tail: [0, 0, "GetObject"],
    adopt: [0, 0, "CopyObject"],
  });
});

test("storing and collecting cost these units", async () => {
  const { table, bucket } = aws;
  const tenant = `u-${crypto.randomUUID()}`;
  const snapshots = new DynamoSnapshotStore({ table });
  const [usage, due] = [new DynamoUsageStore({ table }), new DynamoDueProjects({ table })];
  // In the middle of a day; S3 tells its own times, which are far before.
  let now = (Math.floor(Date.now() / 86_400_000) + 10.5) * 86_400_000;
  const clock = { ...REAL_TIME, now: () => now };
  const limits = {
    storedBytes: 1e9,
    projects: 10,
    filesPerProject: 200_000,
    snapshotsPerProject: 20_000,
  };
  const storage = new StorageAccount({ usage, due, snapshots, clock, limits });
  const packs = new S3PackStore({ bucket });
  const commit = async (number: number) => {
    const pack = newId("pack");
    await packs.put(tenant, "demo", pack, new Uint8Array(100));
    await snapshots.commit(tenant, {
      ...{ project: "demo", number, root: "0".repeat(64), files: 1, bytes: 1, message: "" },
      ...{ packs: [{ id: pack, bytes: 100, indexBytes: 10 }], author: "ada", createdAt: now },
    });
  };
  const admit = async () => {
    const head = await snapshots.head(tenant, "demo");
    return cost(() => storage.admit(tenant, { project: "demo", head, files: 1, bytes: 1 }, 100));
  };
  const costs: Record<string, unknown> = {
    upload: await cost(() => storage.admitUpload(tenant, 100)),
  };
  await commit(1);
  costs.admit = await admit();
  now += 86_400_000;
  costs.admitNextDay = await admit();
  await commit(2);
  const ports = {
    archive: new DynamoSnapshotArchive({ table }),
    inventory: new S3PackInventory({ bucket }),
    ...{ usage, due, clock, retention: { snapshotsKept: 1, daysKept: 1 } },
    logger: {
      info: () => undefined,
      error: (_: string, cause: unknown) => {
        throw cause;
      },
    },
  };
  const look = () => cost(() => sweep(ports, now + 1));
  now += 26 * 3_600_000;
  costs.forget = await look();
  now += 26 * 3_600_000;
  costs.erase = await look();
  costs.nothingIsDue = await look();
  expect(costs).toEqual({
    upload: [1, 1, "Query UpdateItem"],
    admit: [1, 1, "UpdateItem Query"],
    admitNextDay: [1, 2, "UpdateItem UpdateItem Query"],
    // The list, a claim, the project's count and records; one forgotten; the packs; the count; the next look.
    forget: [3, 4, "Query UpdateItem Query Query UpdateItem ListObjectsV2 UpdateItem UpdateItem"],
    erase: [
      3,
      4,
      "Query UpdateItem Query Query DeleteItem ListObjectsV2 DeleteObjects UpdateItem DeleteItem",
    ],
    nothingIsDue: [1, 0, "Query"],
  });
});
