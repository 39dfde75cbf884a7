import { InvokeCommand, type InvokeCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import type { DiscardedEvent } from "../../packages/emulator/src/lambda/async-invocations.ts";
import type { Lambda } from "../../packages/emulator/src/lambda/start-lambda.ts";
import { functionOf, lambdaWith } from "./lambda-fixture.ts";

/** For what other processes do on a busy machine. */
const PATIENCE = { timeout: 20_000 };

async function invoke({ endpoint }: Lambda, input: InvokeCommandInput) {
  const client = new LambdaClient({
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
    maxAttempts: 1,
  });
  try {
    const { Payload, ...answer } = await client.send(new InvokeCommand(input));
    const text = Buffer.from(Payload ?? []).toString();
    return { ...answer, payload: text === "" ? undefined : JSON.parse(text) };
  } finally {
    client.destroy();
  }
}

const QUICK_RETRY = { errorDelaysMs: [10, 20], throttleDelayMs: 10, maxAgeMs: 10_000 };

test("RequestResponse returns the payload, by name or ARN", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")]);
  const names = [
    "buffered-handler",
    "buffered-handler:$LATEST",
    "arn:aws:lambda:eu-central-1:000000000000:function:buffered-handler",
  ];
  for (const FunctionName of names) {
    const answer = await invoke(fixture.lambda, { FunctionName, Payload: '{"a":1}' });
    expect(answer).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: "$LATEST",
      payload: { event: { a: 1 } },
    });
    expect(answer.FunctionError).toBeUndefined();
  }
});

test("a function error is a 200 with its type and message", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.fails")]);
  expect(await invoke(fixture.lambda, { FunctionName: "buffered-fails" })).toMatchObject({
    StatusCode: 200,
    FunctionError: "Unhandled",
    payload: { errorType: "TypeError", errorMessage: "handler failed" },
  });
});

test("refusals have the SDK's names", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")]);
  const { lambda, faults } = fixture;
  await expect(invoke(lambda, { FunctionName: "absent" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  const FunctionName = "buffered-handler";
  await expect(invoke(lambda, { FunctionName, Payload: "{" })).rejects.toMatchObject({
    name: "InvalidRequestContentException",
  });
  const Payload = JSON.stringify("x".repeat(7 * 1024 * 1024));
  await expect(invoke(lambda, { FunctionName, Payload })).rejects.toMatchObject({
    name: "RequestTooLargeException",
  });
  faults.add({ service: "lambda", times: 1, action: { kind: "throttle" } });
  await expect(invoke(lambda, { FunctionName })).rejects.toMatchObject({
    name: "TooManyRequestsException",
  });
  faults.add({ service: "lambda", times: 1, action: { kind: "error" } });
  await expect(invoke(lambda, { FunctionName })).rejects.toMatchObject({
    name: "ServiceException",
  });
});

test("an event is accepted with 202 and processed later", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")]);
  const { lambda } = fixture;
  const input = { FunctionName: "buffered-handler", Payload: '{"a":1}' } as const;
  const answer = await invoke(lambda, { ...input, InvocationType: "Event" });
  expect(answer).toMatchObject({ StatusCode: 202, payload: undefined });
  await fixture.logged('event {"a":1}');
  await lambda.drain();
  expect(await invoke(lambda, { ...input, InvocationType: "DryRun" })).toMatchObject({
    StatusCode: 204,
  });
});

test("an event is tried three times after function errors, then discarded", async () => {
  const discarded: DiscardedEvent[] = [];
  await using fixture = await lambdaWith([functionOf("buffered.fails")], {
    asyncRetry: QUICK_RETRY,
    onDiscarded: (event) => discarded.push(event),
  });
  await fixture.lambda.invokeAsync("buffered-fails", { a: 1 });
  expect(discarded).toEqual([
    { function: "buffered-fails", event: { a: 1 }, reason: "TypeError: handler failed" },
  ]);
  await expect.poll(() => fixture.reports, PATIENCE).toHaveLength(3);
});

test("an event waits out throttling and service errors", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")], {
    asyncRetry: QUICK_RETRY,
  });
  fixture.faults.add({ service: "lambda", times: 4, action: { kind: "throttle" } });
  fixture.faults.add({ service: "lambda", times: 2, action: { kind: "error" } });
  await fixture.lambda.invokeAsync("buffered-handler", { a: 1 });
  expect(fixture.reports).toHaveLength(1);
  await expect(fixture.lambda.invokeAsync("absent", {})).rejects.toMatchObject({
    code: "UNKNOWN_FUNCTION",
  });
});
