import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import type { GatewayResponseTemplate } from "../../packages/emulator/src/template.ts";
import { gatewayWith, type ProxyEvent, routeOf, streamed } from "./gateway-fixture.ts";

const answer = () => streamed({ statusCode: 200 }, "{}");

test("the function gets a REST proxy event, names as the client spelled them", async () => {
  await using gateway = await gatewayWith(answer, {
    routes: [routeOf({ path: "/api/{tenant}/{proxy+}" })],
  });
  const { port } = new URL(gateway.api.endpoint);
  const client = request({
    port,
    host: "127.0.0.1",
    method: "PUT",
    path: "/dev/api/a%20b/c/d%2Fe?x=1&x=2&y=%C3%BC&z",
    headers: {
      "X-Custom": ["one", "two"],
      "mcp-session-ID": "s1",
      "User-Agent": "test/1",
      "X-Forwarded-For": "203.0.113.7",
      "Proxy-Connection": "keep-alive",
    },
  }).end('{"ü":1}');
  const [response] = (await once(client, "response")) as [IncomingMessage];
  response.resume();
  expect(gateway.events).toEqual([
    {
      resource: "/api/{tenant}/{proxy+}",
      path: "/api/a%20b/c/d%2Fe",
      httpMethod: "PUT",
      headers: {
        Host: `127.0.0.1:${port}`,
        "X-Custom": "two",
        "mcp-session-ID": "s1",
        "User-Agent": "test/1",
        "X-Amzn-Trace-Id": expect.stringMatching(/^Root=1-[\da-f]{8}-[\da-f]{24}$/),
        "X-Forwarded-For": "203.0.113.7, 127.0.0.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
      },
      multiValueHeaders: expect.objectContaining({ "X-Custom": ["one", "two"] }),
      queryStringParameters: { x: "2", y: "ü", z: "" },
      multiValueQueryStringParameters: { x: ["1", "2"], y: ["ü"], z: [""] },
      pathParameters: { tenant: "a b", proxy: "c/d/e" },
      stageVariables: null,
      requestContext: {
        resourceId: expect.stringMatching(/^[\da-f]{6}$/),
        resourcePath: "/api/{tenant}/{proxy+}",
        httpMethod: "PUT",
        extendedRequestId: response.headers["x-amz-apigw-id"],
        requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        path: "/dev/api/a%20b/c/d%2Fe",
        accountId: "000000000000",
        protocol: "HTTP/1.1",
        stage: "dev",
        domainPrefix: "a1b2c3",
        requestTimeEpoch: expect.any(Number),
        requestId: response.headers["x-amzn-requestid"],
        identity: {
          cognitoIdentityPoolId: null,
          accountId: null,
          cognitoIdentityId: null,
          caller: null,
          sourceIp: "127.0.0.1",
          principalOrgId: null,
          accessKey: null,
          cognitoAuthenticationType: null,
          cognitoAuthenticationProvider: null,
          userArn: null,
          userAgent: "test/1",
          user: null,
        },
        domainName: `127.0.0.1:${port}`,
        deploymentId: expect.stringMatching(/^[\da-f]{6}$/),
        apiId: "a1b2c3",
      },
      body: '{"ü":1}',
      isBase64Encoded: false,
    },
  ]);
});

test("absent parts of the event are null", async () => {
  await using gateway = await gatewayWith(answer);
  await gateway.fetch("/dev/mcp");
  expect(gateway.events[0]).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    body: null,
  });
  expect(gateway.events[0]?.requestContext).not.toHaveProperty("authorizer");
});

test("a route is found by its most specific resource, then by method", async () => {
  const routes = [
    routeOf({ path: "/{proxy+}", functionName: "greedy" }),
    routeOf({ path: "/a/{id}", functionName: "parameter" }),
    routeOf({ path: "/a/b", method: "GET", functionName: "get" }),
    routeOf({ path: "/a/b", method: "POST", functionName: "post" }),
    routeOf({ path: "/a/b/{rest+}", functionName: "rest" }),
  ];
  const names: string[] = [];
  await using gateway = await gatewayWith(
    (name) => {
      names.push(name);
      return answer();
    },
    { routes },
  );
  const paths = ["/a/b", "/a/b/", "/a/c", "/a/b/c/d", "/a", "/a/c/d", "/.well-known/x"];
  for (const path of paths) await (await gateway.fetch(`/dev${path}`)).text();
  await (await gateway.fetch("/dev/a/b", { method: "POST" })).text();
  expect(names).toEqual(["get", "get", "parameter", "rest", "greedy", "greedy", "greedy", "post"]);
  expect((await gateway.fetch("/dev/a/b", { method: "DELETE" })).status).toBe(403);
});

test.for([
  ["/dev/none", "MissingAuthenticationTokenException", "Missing Authentication Token"],
  ["/dev", "MissingAuthenticationTokenException", "Missing Authentication Token"],
  ["/mcp", "ForbiddenException", "Forbidden"],
  ["/development/mcp", "ForbiddenException", "Forbidden"],
] as const)("%s leads to no route: 403 %s", async ([path, type, message]) => {
  await using gateway = await gatewayWith(answer);
  const response = await gateway.fetch(path);
  expect(response.status).toBe(403);
  expect(response.headers.get("x-amzn-errortype")).toBe(type);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(await response.json()).toEqual({ message });
  expect(await gateway.nextEntry()).toMatchObject({ status: 403, path });
});

test("a function's headers arrive renamed or not at all", async () => {
  const headers = {
    "WWW-Authenticate": 'Bearer error="insufficient_scope"',
    Date: "yesterday",
    Server: "mine",
    "Content-Length": "7",
    Connection: "close",
    "Transfer-Encoding": "chunked",
    "Keep-Alive": "timeout=1",
    "x-amzn-RequestId": "forged",
    "Mcp-Session-Id": "s1",
    "X-Accel-Buffering": "no",
  };
  const multiValueHeaders = { Vary: ["Origin", "Accept"] };
  await using gateway = await gatewayWith(() =>
    streamed({ statusCode: 403, headers, multiValueHeaders }, "{}"),
  );
  const response = await gateway.fetch("/dev/mcp");
  const got = Object.fromEntries(response.headers);
  expect(got).toEqual({
    "x-amzn-remapped-www-authenticate": 'Bearer error="insufficient_scope"',
    "x-amzn-remapped-date": "yesterday",
    "x-amzn-remapped-server": "mine",
    "x-amzn-remapped-content-length": "7",
    "x-amzn-remapped-connection": "close",
    "x-amzn-remapped-x-amzn-requestid": "forged",
    "x-amzn-requestid": expect.stringMatching(/^[\da-f-]{36}$/),
    "x-amz-apigw-id": expect.stringMatching(/=$/),
    "x-amzn-trace-id": expect.stringMatching(/^Root=1-/),
    "mcp-session-id": "s1",
    "x-accel-buffering": "no",
    vary: "Origin, Accept",
    "content-type": "application/json",
    date: expect.stringMatching(/GMT$/),
    connection: "keep-alive",
    "keep-alive": "timeout=60",
    "transfer-encoding": "chunked",
  });
});

test("a body over the gateway's limit is 413 before any function sees it", async () => {
  const gatewayResponses: GatewayResponseTemplate[] = [
    { responseType: "REQUEST_TOO_LARGE", statusCode: 413, headers: { "x-why": "size" } },
  ];
  const limits = { requestBytes: 1_000, eventBytes: 20_000 };
  await using gateway = await gatewayWith(answer, { limits, gatewayResponses });
  const post = (body: string | ReadableStream) => {
    const init = { method: "POST", body, duplex: "half" };
    return gateway.fetch("/dev/mcp", init as RequestInit);
  };
  expect((await post("x".repeat(1_000))).status).toBe(200);
  const known = await post("x".repeat(1_001));
  expect(known.status).toBe(413);
  expect(known.headers.get("x-why")).toBe("size");
  expect(known.headers.get("x-amzn-errortype")).toBe("RequestEntityTooLargeException");
  expect(await known.json()).toEqual({ message: "Request Too Long" });
  const chunked = await post(new Blob(["x".repeat(600), "x".repeat(600)]).stream());
  expect(chunked.status).toBe(413);
  expect(gateway.events.length).toBe(1);
});

test("an event over Lambda's limit is 413 too, though the body passed the gateway's", async () => {
  const limits = { eventBytes: 5_000 };
  await using gateway = await gatewayWith(answer, { limits });
  const post = (body: string) => gateway.fetch("/dev/mcp", { method: "POST", body });
  expect((await post("x".repeat(2_000))).status).toBe(200);
  // A quote takes two bytes in the event's JSON.
  expect((await post('"'.repeat(2_400))).status).toBe(413);
});

test("a buffered function answers in the proxy form or with 502", async () => {
  const routes = [routeOf({ streaming: false })];
  let payload: unknown;
  await using gateway = await gatewayWith(() => ({ kind: "buffered", payload }), { routes });
  const ask = async (next: unknown) => {
    payload = next;
    const response = await gateway.fetch("/dev/mcp");
    return [response.status, response.headers.get("content-length"), await response.text()];
  };
  const headers = { "x-a": 1, "x-b": true };
  expect(await ask({ statusCode: "201", headers, body: "ü" })).toEqual([201, "2", "ü"]);
  expect(await ask({ statusCode: 200 })).toEqual([200, "0", ""]);
  expect(await ask({ statusCode: 200, body: "aGk=", isBase64Encoded: true })).toEqual([
    200,
    "4",
    "aGk=",
  ]);
  const failed = [502, "36", '{"message":"Internal server error"}'].with(1, "35");
  const malformed = [null, "text", [], {}, { statusCode: "x" }, { statusCode: 200, body: {} }];
  for (const bad of malformed) expect(await ask(bad)).toEqual(failed);
  expect(await ask({ statusCode: 200, headers: { "x-a": "a\nb" } })).toEqual(failed);
});

test("gateway responses fall back to their class; 0 keeps the status", async () => {
  const gatewayResponses: GatewayResponseTemplate[] = [
    { responseType: "DEFAULT_4XX", statusCode: 0, headers: { "x-class": "4 {origin}" } },
    {
      responseType: "DEFAULT_5XX",
      statusCode: 503,
      headers: {},
      body: '{"error":$context.error.messageString}',
    },
  ];
  const publicOrigin = () => "https://public.example";
  await using gateway = await gatewayWith(() => ({ kind: "throttled" }), {
    gatewayResponses,
    publicOrigin,
  });
  const missing = await gateway.fetch("/dev/none");
  expect(missing.status).toBe(403);
  expect(missing.headers.get("x-class")).toBe("4 https://public.example");
  const refused = await gateway.fetch("/dev/mcp");
  expect(refused.status).toBe(503);
  expect(await refused.json()).toEqual({ error: "Internal server error" });
});

test("the body reaches the function as text, whatever its type", async () => {
  await using gateway = await gatewayWith(answer);
  const body = Buffer.from([0x41, 0xff, 0x42]);
  const headers = { "content-type": "application/octet-stream" };
  await gateway.fetch("/dev/mcp", { method: "POST", body, headers });
  const event = gateway.events[0] as ProxyEvent;
  expect(event.body).toBe("A\ufffdB");
  expect(event).toMatchObject({ isBase64Encoded: false });
});
