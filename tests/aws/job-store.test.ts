import { DynamoJobStore } from "@zenode/aws";
import type { Job, JobEnd, Lease } from "@zenode/core";
import { makeJob } from "@zenode/core/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AwsFixture, REAL_TIME, startAws } from "./aws-fixture.ts";

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
});
afterEach(() => aws.faults.clear());
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

const newStore = () =>
  new DynamoJobStore({ table: aws.table, clock: REAL_TIME, bucket: aws.bucket });

function resultOf(text: string): JobEnd {
  const result = { content: [{ type: "text" as const, text }] };
  return { state: "completed", outcome: { kind: "result", result } };
}

async function claimed(store: DynamoJobStore, change: Partial<Job> = {}) {
  const job = makeJob(change);
  await store.create(job);
  const claim = await store.claim("u-ada", job.id, {
    worker: "w-1",
    leaseUntil: Date.now() + 15_000,
    now: Date.now(),
  });
  const lease: Lease = { tenant: "u-ada", id: job.id, fence: claim?.fence ?? 0 };
  return { job, claim, lease };
}

describe("documents", () => {
  test("an outcome over 300 KB goes to the bucket and is read back unseen", async () => {
    const store = newStore();
    const { job, lease } = await claimed(store);
    const end = resultOf("x".repeat(2_000_000));
    expect(await store.finish(lease, end, Date.now())).toBe(true);
    expect((await store.get("u-ada", job.id))?.outcome).toEqual(end.outcome);
    const object = await aws.bucket.head(`temp/u-ada/results/${job.id}/1.json`);
    expect(object?.size).toBe(JSON.stringify(end.outcome).length);
  });

  test("a replaced worker's large outcome does not touch its successor's", async () => {
    const store = newStore();
    const { job, lease } = await claimed(store);
    await store.release(lease, Date.now());
    await store.claim("u-ada", job.id, {
      worker: "w-1",
      leaseUntil: Date.now() + 15_000,
      now: Date.now(),
    });
    const end = resultOf("successor ".repeat(40_000));
    expect(await store.finish({ ...lease, fence: 2 }, end, Date.now())).toBe(true);
    const late = resultOf("late ".repeat(80_000));
    expect(await store.finish(lease, late, Date.now())).toBe(false);
    expect((await store.get("u-ada", job.id))?.outcome).toEqual(end.outcome);
  });

  test("arguments over 300 KB go to the bucket too", async () => {
    const store = newStore();
    const input = { text: "y".repeat(400_000) };
    const { job, claim } = await claimed(store, { input });
    expect(claim?.input).toEqual(input);
    expect((await store.get("u-ada", job.id))?.input).toEqual(input);
  });

  test("without a bucket what is too large is refused, and the job can still end", async () => {
    const store = new DynamoJobStore({ table: aws.table, clock: REAL_TIME });
    const { lease } = await claimed(store);
    const large = store.finish(lease, resultOf("x".repeat(400_000)), Date.now());
    await expect(large).rejects.toMatchObject({ name: "RefusedError", code: "too_large" });
    expect(await store.finish(lease, resultOf("short"), Date.now())).toBe(true);
  });
});

describe("when DynamoDB carries a request out and its answer is lost", () => {
  const loseAnswerOf = (operation: string) =>
    aws.faults.add({
      service: "dynamodb",
      operation,
      action: { kind: "lose-answer" },
      times: 1,
    });

  test("a claim is the claimer's all the same", async () => {
    const store = newStore();
    const job = makeJob();
    await store.create(job);
    loseAnswerOf("UpdateItem");
    const claim = await store.claim("u-ada", job.id, {
      worker: "w-1",
      leaseUntil: Date.now() + 15_000,
      now: Date.now(),
    });
    expect(claim).toMatchObject({ state: "claimed", fence: 1, attempts: 1 });
  });

  test("a job is created once, and its creator is told so", async () => {
    const store = newStore();
    const job = makeJob();
    loseAnswerOf("TransactWriteItems");
    expect(await store.create(job)).toEqual({ created: true, job });
  });

  test("a child is created once, and its parent is told so", async () => {
    const store = newStore();
    const { job, lease } = await claimed(store);
    const child = { ...makeJob(), parent: { id: job.id, index: 0, depth: 1, after: 0 } };
    loseAnswerOf("TransactWriteItems");
    expect(await store.createChild(child, lease)).toEqual(child);
    expect(await store.children("u-ada", job.id)).toEqual([child.id]);
  });

  test.each(["start", "finish", "release", "expire", "cancel"] as const)(
    "%s happened once and says so",
    async (transition) => {
      const store = newStore();
      const { job, lease } = await claimed(store);
      const now = Date.now();
      loseAnswerOf("UpdateItem");
      const calls = {
        start: () => store.start(lease, now),
        finish: () => store.finish(lease, resultOf("done"), now),
        release: () => store.release(lease, now),
        expire: () => store.expire(lease, undefined, now),
        cancel: async () => (await store.cancel("u-ada", job.id, now))?.cancelRequested,
      };
      expect(await calls[transition]()).toBe(true);
      expect(await store.get("u-ada", job.id)).toMatchObject({ fence: 1, attempts: 1 });
    },
  );
});

test("a checkpoint and a park happen once when their answers are lost, and say so", async () => {
  const store = newStore();
  const { job, lease } = await claimed(store, { asks: ["roots"] });
  const now = Date.now();
  const lose = { kind: "lose-answer" } as const;
  const losing = <T>(call: () => Promise<T>) => {
    aws.faults.add({ service: "dynamodb", operation: "UpdateItem", action: lose, times: 1 });
    return call();
  };
  await store.start(lease, now);
  const add = [{ key: "a", request: { method: "roots/list" } as const }];
  expect(await losing(() => store.ask(lease, { add, drop: [] }, now))).toBe(true);
  expect(await losing(() => store.checkpoint(lease, { state: 1, closes: [] }, now))).toBe(true);
  expect(await losing(() => store.checkpoint(lease, { state: 2, closes: ["b"] }, now))).toBe(true);
  expect(await losing(() => store.park(lease, now))).toBe(true);
  const parked = { state: "input_required", fence: 2, parks: 1, checkpoint: 2 };
  expect(await store.get("u-ada", job.id)).toMatchObject(parked);
});

describe("when DynamoDB fails", () => {
  test("throttling that passes is waited out", async () => {
    const store = newStore();
    const { job } = await claimed(store);
    aws.faults.add({ service: "dynamodb", action: { kind: "throttle" }, times: 2 });
    expect((await store.get("u-ada", job.id))?.state).toBe("claimed");
  });

  test.each(["throttle", "error"] as const)(
    "%s that stays is the platform's own error",
    async (kind) => {
      const store = newStore();
      const { job, lease } = await claimed(store);
      aws.faults.add({ service: "dynamodb", action: { kind } });
      const unavailable = { name: "UnavailableError", code: "unavailable" };
      await expect(store.get("u-ada", job.id)).rejects.toMatchObject(unavailable);
      await expect(store.start(lease, Date.now())).rejects.toMatchObject(unavailable);
      await expect(store.create(makeJob())).rejects.toMatchObject(unavailable);
    },
  );
});

test.each(["t-acme#J", "T-ACME", "", "a/b", "x".repeat(65)])(
  "a tenant named %j never gets into a key",
  async (tenant) => {
    const { id } = makeJob();
    const invalid = { name: "RefusedError", code: "invalid_input" };
    await expect(newStore().get(tenant, id)).rejects.toMatchObject(invalid);
  },
);
