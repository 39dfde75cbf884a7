import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type FrontOptions, startFront } from "../../packages/emulator/src/gateway/front.ts";
import { chunksOf, gatewayWith, ManualStream, streamed } from "./gateway-fixture.ts";

async function frontOf(origin: string, options: Partial<FrontOptions> = {}) {
  const front = await startFront({ origin, restoreHeaders: true, ...options });
  return { ...front, [Symbol.asyncDispose]: () => front.close() };
}

const OK = { statusCode: 200, headers: { "Content-Type": "text/event-stream" } };

test("the stage is hidden and each chunk passes as it comes", async () => {
  const stream = new ManualStream();
  await using gateway = await gatewayWith(() => stream.invocation);
  await using front = await frontOf(gateway.api.stageUrl);
  const asked = fetch(`${front.endpoint}/mcp?x=1`);
  stream.head(OK);
  const response = await asked;
  const next = chunksOf(response);
  for (const text of ["data: one\n\n", "data: two\n\n"]) {
    stream.push(text);
    expect(await next()).toBe(text);
  }
  stream.end();
  expect(await next()).toBeUndefined();
  expect(response.headers.get("via")).toMatch(/^1\.1 [\da-f]{32}\.cloudfront\.net \(CloudFront\)$/);
  expect(response.headers.get("x-amz-cf-id")).toMatch(/==$/);
  expect(response.headers.get("x-cache")).toBe("Miss from cloudfront");
  expect(gateway.events[0]).toMatchObject({
    path: "/mcp",
    queryStringParameters: { x: "1" },
    requestContext: { path: "/dev/mcp" },
  });
});

test("the origin sees its own host, the path of proxies and the custom headers", async () => {
  await using gateway = await gatewayWith(() => streamed(OK));
  await using front = await frontOf(gateway.api.stageUrl, {
    originHeaders: { "X-Public-Origin": "{origin}" },
    publicOrigin: "https://public.example",
  });
  await fetch(`${front.endpoint}/mcp`, {
    method: "POST",
    body: "{}",
    headers: { "x-public-origin": "https://evil.example", authorization: "Bearer t" },
  });
  const headers = gateway.events[0]?.headers;
  expect(headers).toMatchObject({
    Host: new URL(gateway.api.endpoint).host,
    "X-Public-Origin": "https://public.example",
    "X-Forwarded-For": "127.0.0.1, 127.0.0.1",
    "X-Amz-Cf-Id": expect.any(String),
    authorization: "Bearer t",
  });
  expect(headers).not.toHaveProperty("x-public-origin");
  expect(headers?.Via).toContain("(CloudFront)");
  expect(gateway.events[0]?.body).toBe("{}");
});

test("with AllViewer the origin sees the viewer's host", async () => {
  await using gateway = await gatewayWith(() => streamed(OK));
  await using front = await frontOf(gateway.api.stageUrl, { forwardHost: true });
  await fetch(`${front.endpoint}/mcp`);
  expect(gateway.events[0]?.headers.host).toBe(new URL(front.endpoint).host);
});

test("WWW-Authenticate gets its name back when asked to", async () => {
  const headers = { "WWW-Authenticate": "Bearer", "Set-Cookie": "a=1" };
  const metadata = { statusCode: 403, headers, cookies: ["a=1", "b=2"] };
  await using gateway = await gatewayWith(() => streamed(metadata));
  for (const restoreHeaders of [true, false]) {
    await using front = await frontOf(gateway.api.stageUrl, { restoreHeaders });
    const response = await fetch(`${front.endpoint}/mcp`);
    const name = "www-authenticate";
    expect(response.headers.get(name)).toBe(restoreHeaders ? "Bearer" : null);
    expect(response.headers.get(`x-amzn-remapped-${name}`)).toBe(restoreHeaders ? null : "Bearer");
    expect(response.headers.get("x-cache")).toBe("Error from cloudfront");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  }
});

test("a viewer-response function sees no error, an origin-response function sees all", async () => {
  let statusCode = 200;
  await using gateway = await gatewayWith(() => streamed({ statusCode }));
  await using front = await frontOf(gateway.api.stageUrl, {
    viewerResponse: (headers, status) => ({ ...headers, "x-viewer": String(status) }),
    originResponse: (headers, status) => ({ ...headers, "x-origin": String(status) }),
  });
  const ask = async (next: number) => {
    statusCode = next;
    const { headers } = await fetch(`${front.endpoint}/mcp`);
    return [headers.get("x-viewer"), headers.get("x-origin")];
  };
  expect(await ask(200)).toEqual(["200", "200"]);
  expect(await ask(401)).toEqual([null, "401"]);
  expect(await ask(503)).toEqual([null, "503"]);
});

test("a viewer that leaves ends the request to the origin, the invocation runs on", async () => {
  const stream = new ManualStream();
  await using gateway = await gatewayWith(() => stream.invocation);
  await using front = await frontOf(gateway.api.stageUrl);
  const viewer = request(`${front.endpoint}/mcp`).end();
  viewer.on("error", () => undefined);
  stream.head(OK, "one");
  await once(viewer, "response");
  viewer.destroy();
  expect(await gateway.nextEntry()).toMatchObject({ complete: false });
  stream.push("two").end();
  await stream.drained;
});

test("a response cut by the origin is cut for the viewer", async () => {
  await using gateway = await gatewayWith(() => streamed(OK, "0123456789"));
  await using front = await frontOf(gateway.api.stageUrl);
  gateway.faults.add({ service: "gateway", action: { kind: "tear", afterBytes: 4 } });
  const next = chunksOf(await fetch(`${front.endpoint}/mcp`));
  expect(await next()).toBe("0123");
  await expect(next()).rejects.toThrow("terminated");
});

test("an origin that is gone is 502, one that is silent 504", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  {
    await using front = await frontOf(`http://127.0.0.1:${port}/dev`, { originReadTimeoutMs: 50 });
    expect((await fetch(`${front.endpoint}/mcp`)).status).toBe(504);
  }
  silent.closeAllConnections();
  silent.close();
  await once(silent, "close");
  await using front = await frontOf(`http://127.0.0.1:${port}/dev`);
  const response = await fetch(`${front.endpoint}/mcp`);
  expect(response.status).toBe(502);
  expect(response.headers.get("x-cache")).toBe("Error from cloudfront");
});
