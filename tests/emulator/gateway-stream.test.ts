import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { chunksOf, gatewayWith, ManualStream, routeOf, streamed } from "./gateway-fixture.ts";

const OK = { statusCode: 200, headers: { "Content-Type": "text/event-stream" } };

test("each chunk arrives before the next one is made", async () => {
  const stream = new ManualStream();
  await using gateway = await gatewayWith(() => stream.invocation);
  const asked = gateway.fetch("/dev/mcp");
  stream.head(OK);
  const response = await asked;
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const next = chunksOf(response);
  for (const text of ["data: one\n\n", "data: two\n\n", ": keep-alive\n\n"]) {
    stream.push(text);
    expect(await next()).toBe(text);
  }
  stream.end();
  expect(await next()).toBeUndefined();
  const entry = await gateway.nextEntry();
  expect(entry).toMatchObject({ status: 200, bytes: 36, complete: true, functionName: "mcp" });
  expect(entry.integrationMs).toBeLessThanOrEqual(entry.ms);
});

test("metadata may come in pieces, with the body's first bytes behind it", async () => {
  const stream = new ManualStream();
  await using gateway = await gatewayWith(() => stream.invocation);
  const asked = gateway.fetch("/dev/mcp");
  stream.push('{"statusCode":20').push('1,"cookies":["a=1","b=2"]}\0\0\0').push("\0\0\0\0\0fir");
  stream.push("st").end();
  const response = await asked;
  expect(response.status).toBe(201);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(await response.text()).toBe("first");
});

test.for([
  ["no metadata", "hello"],
  ["metadata that is not JSON", `{oops${"\0".repeat(8)}x`],
  ["metadata that is a list", `[]${"\0".repeat(8)}x`],
  ["a status out of range", `{"statusCode":99}${"\0".repeat(8)}x`],
  ["a header that splits", `{"headers":{"x":"a\\r\\nb: c"}}${"\0".repeat(8)}x`],
  ["seven NULs", `{"statusCode":200}${"\0".repeat(7)}x`],
  ["metadata over 16 KB", `{"headers":{"x":"${"a".repeat(17_000)}"}}${"\0".repeat(8)}x`],
] as const)("%s gives 502, and the stream is still read to its end", async ([, bytes]) => {
  const stream = new ManualStream();
  await using gateway = await gatewayWith(() => stream.invocation);
  stream.push(bytes).end();
  const response = await gateway.fetch("/dev/mcp");
  expect(response.status).toBe(502);
  expect(response.headers.get("x-amzn-errortype")).toBe("InternalServerErrorException");
  expect(await response.json()).toEqual({ message: "Internal server error" });
  await stream.drained;
});

test("what Lambda refuses is 500, what the function spoils is 502", async () => {
  const throttled = { kind: "throttled" } as const;
  const died = { kind: "function-error", errorType: "Runtime.ExitError", message: "x" } as const;
  const silent = new ManualStream();
  silent.end({ type: "TypeError", message: "boom" });
  const broken = new ManualStream();
  broken.break(new Error("socket closed"));
  const statuses: unknown[] = [];
  for (const answer of [throttled, died, silent.invocation, broken.invocation]) {
    await using gateway = await gatewayWith(() => answer);
    const response = await gateway.fetch("/dev/mcp");
    const { error } = await gateway.nextEntry();
    statuses.push([response.status, await response.json(), error]);
  }
  const body = { message: "Internal server error" };
  expect(statuses).toEqual([
    [500, body, "TooManyRequestsException"],
    [502, body, "Runtime.ExitError: x"],
    [502, body, "TypeError: boom"],
    [502, body, "socket closed"],
  ]);
});

test("a Lambda error after the head cuts the response", async () => {
  const ended = new ManualStream();
  const broken = new ManualStream();
  for (const stream of [ended, broken]) {
    await using gateway = await gatewayWith(() => stream.invocation);
    const asked = gateway.fetch("/dev/mcp");
    stream.head(OK, "part");
    const response = await asked;
    const next = chunksOf(response);
    expect(await next()).toBe("part");
    if (stream === ended) stream.end({ type: "TypeError", message: "boom" });
    else stream.break(new Error("boom"));
    await expect(next()).rejects.toThrow("terminated");
    const entry = await gateway.nextEntry();
    expect(entry).toMatchObject({ status: 200, bytes: 4, complete: false });
    expect(entry.error).toContain("boom");
  }
});

test("a client that leaves is not told to Lambda: the stream is read to its end", async () => {
  const stream = new ManualStream();
  await using gateway = await gatewayWith(() => stream.invocation);
  const client = request(`${gateway.api.stageUrl}/mcp`).end();
  client.on("error", () => undefined);
  stream.head(OK, "one");
  await once(client, "response");
  client.destroy();
  const entry = await gateway.nextEntry();
  expect(entry).toMatchObject({ status: 200, complete: false });
  stream
    .push("two")
    .push(Buffer.alloc(3 * 1024 * 1024))
    .end();
  await stream.drained;
});

test("a client that leaves before the answer changes nothing either", async () => {
  const stream = new ManualStream();
  const invoked = Promise.withResolvers<void>();
  await using gateway = await gatewayWith(() => {
    invoked.resolve();
    return stream.invocation;
  });
  const client = request(`${gateway.api.stageUrl}/mcp`).end();
  client.on("error", () => undefined);
  await invoked.promise;
  client.destroy();
  await gateway.nextEntry();
  stream.head(OK, "one").end();
  await stream.drained;
});

test("a response over its length limit is cut, and the invocation runs on", async () => {
  const stream = new ManualStream();
  const limits = { responseMs: 200, idleMs: 60_000 };
  await using gateway = await gatewayWith(() => stream.invocation, { limits });
  const asked = gateway.fetch("/dev/mcp");
  stream.head(OK, "one");
  const next = chunksOf(await asked);
  expect(await next()).toBe("one");
  await expect(next()).rejects.toThrow("terminated");
  expect((await gateway.nextEntry()).error).toBe("The response limit was reached.");
  stream.push("two").end();
  await stream.drained;
});

test("a silent response is cut, and every chunk starts the silence anew", async () => {
  const stream = new ManualStream();
  const limits = { idleMs: 400 };
  await using gateway = await gatewayWith(() => stream.invocation, { limits });
  const started = performance.now();
  const asked = gateway.fetch("/dev/mcp");
  stream.head(OK, "0");
  const next = chunksOf(await asked);
  const beat = setInterval(() => stream.push("."), 100);
  while (performance.now() - started < 800) expect(await next()).toBeDefined();
  clearInterval(beat);
  const rest = async () => {
    while ((await next()) !== undefined);
  };
  await expect(rest()).rejects.toThrow("terminated");
  expect((await gateway.nextEntry()).error).toBe("The idle limit was reached.");
  stream.end();
});

test("a function that never begins gives 504", async () => {
  const stream = new ManualStream();
  const limits = { idleMs: 100 };
  await using gateway = await gatewayWith(() => stream.invocation, { limits });
  const response = await gateway.fetch("/dev/mcp");
  expect(response.status).toBe(504);
  expect(await response.json()).toEqual({ message: "Endpoint request timed out" });
  stream.head(OK, "late").end();
  await stream.drained;
});

test("a buffered function gets its own, shorter limit", async () => {
  const { promise, resolve } = Promise.withResolvers<{ kind: "buffered"; payload: unknown }>();
  const routes = [routeOf({ streaming: false })];
  const limits = { bufferedMs: 100 };
  await using gateway = await gatewayWith(() => promise, { routes, limits });
  const response = await gateway.fetch("/dev/mcp");
  expect(response.status).toBe(504);
  resolve({ kind: "buffered", payload: {} });
});

test("after its free bytes a response is slowed to the bandwidth", async () => {
  const bandwidth = { freeBytes: 1_000, bytesPerSecond: 10_000 };
  const body = "x".repeat(1_000);
  await using gateway = await gatewayWith(() => streamed(OK, body, body, body), { bandwidth });
  const started = performance.now();
  const text = await (await gateway.fetch("/dev/mcp")).text();
  expect(text.length).toBe(3_000);
  expect(performance.now() - started).toBeGreaterThan(190);
});

test("faults: throttle, error, tear, lose-answer, delay", async () => {
  await using gateway = await gatewayWith(() => streamed(OK, "0123456789"));
  const fault = { service: "gateway", operation: "POST /mcp", times: 1 } as const;
  const post = () => gateway.fetch("/dev/mcp", { method: "POST" });
  gateway.faults.add({ ...fault, action: { kind: "throttle" } });
  const throttled = await post();
  expect(throttled.status).toBe(429);
  expect(await throttled.json()).toEqual({ message: "Too Many Requests" });
  gateway.faults.add({ ...fault, action: { kind: "error" } });
  expect((await post()).status).toBe(500);
  expect(gateway.events).toEqual([]);
  gateway.faults.add({ ...fault, action: { kind: "tear", afterBytes: 4 } });
  const next = chunksOf(await post());
  expect(await next()).toBe("0123");
  await expect(next()).rejects.toThrow("terminated");
  gateway.faults.add({ ...fault, action: { kind: "lose-answer" } });
  await expect(post()).rejects.toThrow("fetch failed");
  expect(gateway.events.length).toBe(2);
  gateway.faults.add({ ...fault, action: { kind: "delay", ms: 50 } });
  const started = performance.now();
  expect(await (await post()).text()).toBe("0123456789");
  expect(performance.now() - started).toBeGreaterThan(45);
  expect(await (await gateway.fetch("/dev/mcp")).text()).toBe("0123456789");
});

test("a torn answer of a buffered function is incomplete", async () => {
  const payload = { statusCode: 200, body: "0123456789" };
  const routes = [routeOf({ streaming: false })];
  await using gateway = await gatewayWith(() => ({ kind: "buffered", payload }), { routes });
  gateway.faults.add({ service: "gateway", action: { kind: "tear", afterBytes: 0 } });
  const response = await gateway.fetch("/dev/mcp");
  await expect(response.text()).rejects.toThrow("terminated");
});
