import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Invocation } from "../../packages/emulator/src/gateway/lambda-invoker.ts";
import { functionOf, lambdaWith } from "./lambda-fixture.ts";

const STREAMING = { streaming: true };
const PRELUDE_END = "\0".repeat(8);

function streamOf(invocation: Invocation) {
  if (invocation.kind !== "stream") throw new Error(`expected a stream: ${invocation.kind}`);
  return invocation;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("each chunk is read before the next is produced", async () => {
  await using fixture = await lambdaWith([functionOf("streaming.handler")]);
  const gate = join(fixture.dir, "gate");
  const open = (written: number) => writeFileSync(`${gate}${written}`, "");
  const event = { chunks: ["one", "two", "three"], gate };
  open(0);
  const stream = streamOf(await fixture.lambda.invoke("streaming-handler", event, STREAMING));
  expect(stream.contentType).toBe("application/vnd.awslambda.http-integration-response");
  let text = "";
  for await (const chunk of stream.body) {
    text += Buffer.from(chunk).toString();
    if (text.endsWith("one")) open(1);
    if (text.endsWith("two")) open(2);
  }
  const [prelude, rest] = text.split(PRELUDE_END);
  expect(JSON.parse(prelude ?? "")).toMatchObject({ statusCode: 200 });
  expect(rest).toBe("onetwothree");
  expect(await stream.ended).toEqual({});
});

test("an error in the middle comes after the bytes, and the process lives on", async () => {
  await using fixture = await lambdaWith([functionOf("streaming.handler")]);
  const { lambda } = fixture;
  const stream = streamOf(await lambda.invoke("streaming-handler", { ending: "fail" }, STREAMING));
  expect(await textOf(stream.body)).toMatch(/onetwo$/);
  expect(await stream.ended).toEqual({
    error: { type: "RangeError", message: "failed in the middle" },
  });
  const again = streamOf(await lambda.invoke("streaming-handler", {}, STREAMING));
  expect(await textOf(again.body)).toMatch(/onetwo$/);
  expect(lambda.processes()).toHaveLength(1);
});

test("an error before the first byte is a function error", async () => {
  await using fixture = await lambdaWith([functionOf("streaming.failsFirst")]);
  expect(await fixture.lambda.invoke("streaming-failsFirst", {}, STREAMING)).toEqual({
    kind: "function-error",
    errorType: "TypeError",
    message: "failed before the first byte",
  });
});

test("a crash in the middle tears the stream after the bytes sent", async () => {
  await using fixture = await lambdaWith([functionOf("streaming.handler")]);
  const event = { gapMs: 50, ending: "crash" };
  const stream = streamOf(await fixture.lambda.invoke("streaming-handler", event, STREAMING));
  expect(await textOf(stream.body)).toMatch(/onetwo$/);
  expect(await stream.ended).toMatchObject({
    error: { type: "Runtime.ExitError", message: expect.stringContaining("exit status 3") },
  });
});

test("a timeout tears the stream", async () => {
  await using fixture = await lambdaWith([functionOf("streaming.handler", { timeoutSeconds: 1 })]);
  const event = { ending: "hang" };
  const stream = streamOf(await fixture.lambda.invoke("streaming-handler", event, STREAMING));
  expect(await textOf(stream.body)).toMatch(/onetwo$/);
  expect(await stream.ended).toMatchObject({ error: { type: "Sandbox.Timedout" } });
});

test("a slow reader slows the function, one that leaves does not", async () => {
  await using fixture = await lambdaWith([functionOf("streaming.flood")]);
  const event = { megabytes: 40 };
  const stream = streamOf(await fixture.lambda.invoke("streaming-flood", event, STREAMING));
  const reader = stream.body[Symbol.asyncIterator]();
  await reader.next();
  await fixture.logged("written 1");
  // The reader stands still; what fits into buffers on the way is far less than the whole. That nothing more is
  // written has no event to wait for; too short a wait lets a fault pass, and never fails what is right.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(fixture.lines.length).toBeLessThan(30);
  await reader.return?.();
  await fixture.logged("written 40");
  expect(await stream.ended).toEqual({});
});

test("every byte of a large stream arrives", async () => {
  await using fixture = await lambdaWith([functionOf("streaming.flood")]);
  const event = { megabytes: 20 };
  const stream = streamOf(await fixture.lambda.invoke("streaming-flood", event, STREAMING));
  expect((await textOf(stream.body)).length).toBe(20 * 1024 * 1024);
});

test("a function that does not stream answers buffered, a streaming one can be collected", async () => {
  await using fixture = await lambdaWith([
    functionOf("buffered.handler"),
    functionOf("streaming.handler"),
  ]);
  const plain = await fixture.lambda.invoke("buffered-handler", { a: 1 }, STREAMING);
  expect(plain).toMatchObject({ kind: "buffered", payload: { event: { a: 1 } } });
  const collected = await fixture.lambda.invoke("streaming-handler", {}, { streaming: false });
  expect(collected).toMatchObject({ kind: "buffered", payload: expect.stringMatching(/onetwo$/) });
});
