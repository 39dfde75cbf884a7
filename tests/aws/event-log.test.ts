import { DynamoEventLog } from "@zenode/aws";
import { END, type StreamKey } from "@zenode/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AwsFixture, REAL_TIME, startAws } from "./aws-fixture.ts";

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
});
afterEach(() => aws.faults.clear());
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

const newLog = () => new DynamoEventLog({ table: aws.table, clock: REAL_TIME, bucket: aws.bucket });
const newStream = (): StreamKey => ({
  tenant: "t-acme",
  stream: `task_${crypto.randomUUID()}`,
  expiresAt: Date.now() + 3_600_000,
});
const notes = (...data: readonly string[]) => data.map((each) => ({ kind: "note", data: each }));

test("a fresh process resumes inside a batch, at its end, and past the stream's end", async () => {
  const stream = newStream();
  await newLog().append(stream, 1, "w1", notes("a", "b", "c"));
  await newLog().append(stream, 4, "w1", notes("d"));
  await newLog().append(stream, 5, "w1", notes("e", "f"));
  const after = async (number: number) =>
    (await newLog().readAfter(stream, number)).map((event) => event.data).join("");
  const answers = await Promise.all([0, 1, 2, 3, 4, 5, 6, 99].map(after));
  expect(answers).toEqual(["abcdef", "bcdef", "cdef", "def", "ef", "f", "", ""]);
});

test("writers with one tail and batches of different sizes collide", async () => {
  const stream = newStream();
  await newLog().append(stream, 1, "w1", notes("a"));
  const outcomes = await Promise.all([
    newLog().append(stream, 2, "w1", notes("b", "c", "d")),
    newLog().append(stream, 2, "w2", notes("x")),
  ]);
  expect([...outcomes].sort()).toEqual(["appended", "taken"]);
});

test("a tail costs one query a look, also when nothing has come", async () => {
  const stream = newStream();
  const [writer, reader] = [newLog(), newLog()];
  await writer.append(stream, 1, "w1", notes("a", "b"));
  expect(await reader.readAfter(stream, 0)).toHaveLength(2);
  aws.usage.take();
  expect(await reader.readAfter(stream, 2)).toHaveLength(0);
  await writer.append(stream, 3, "w1", [{ kind: END, data: {} }]);
  expect(await reader.readAfter(stream, 2)).toHaveLength(1);
  expect(aws.usage.take().requests).toEqual(["Query", "PutItem", "Query"]);
});

test("an append whose answer was lost is appended, once", async () => {
  const stream = newStream();
  const action = { kind: "lose-answer" } as const;
  aws.faults.add({ service: "dynamodb", operation: "PutItem", action, times: 1 });
  expect(await newLog().append(stream, 1, "w1", notes("a"))).toBe("appended");
  expect(await newLog().readAfter(stream, 0)).toHaveLength(1);
});

test("a message larger than an item goes through the bucket", async () => {
  const stream = newStream();
  const message = "ü".repeat(600_000);
  await newLog().append(stream, 1, "w1", notes("before"));
  expect(await newLog().append(stream, 2, "w1", notes(message, "after"))).toBe("appended");
  const data = (await newLog().readAfter(stream, 1)).map((event) => event.data);
  expect(data).toEqual([message, "after"]);
});

test("without a bucket it is refused, with the limit", async () => {
  const log = new DynamoEventLog({ table: aws.table, clock: REAL_TIME });
  const append = log.append(newStream(), 1, "w1", notes("x".repeat(400_000)));
  await expect(append).rejects.toMatchObject({
    code: "too_large",
    message: "400013 bytes of JSON are too large to be stored: 307200 are the limit.",
  });
});

test("stream names with any characters stay apart", async () => {
  const names = ["a b", "a%20b", "a#b", "ü", "%C3%BC", 'cancel:"1"'];
  for (const name of names) {
    await newLog().append({ ...newStream(), stream: name }, 1, "w1", notes(name));
  }
  for (const name of names) {
    const events = await newLog().readAfter({ ...newStream(), stream: name }, 0);
    expect(events.map((event) => event.data)).toEqual([name]);
  }
});
