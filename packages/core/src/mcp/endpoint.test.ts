import { describe, expect, test } from "vitest";
import { Cloud, call, principal, RESOURCE_METADATA } from "./endpoint-harness.ts";
import { initialize, json, legacyPost, modernRequest, rpc, URL_OF_TESTS } from "./wire-harness.ts";

const BATCH = [rpc("tools/list"), rpc("ping", {}, 2)];
const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const MODERN_BATCH = [rpc("tools/list", { _meta: ENVELOPE })];

describe("what is no request of the protocol", () => {
  test.each([
    ["JSON that does not parse", legacyPost("{nope"), 400, -32700],
    ["an empty body", legacyPost(""), 400, -32700],
    ["a JSON value that is no message", legacyPost("42"), 400, -32600],
    [
      "another content type",
      legacyPost("x", undefined, { "Content-Type": "text/plain" }),
      415,
      -32000,
    ],
    ["a batch without a session", legacyPost(BATCH), 400, -32000],
    ["a modern batch [http26-one-message]", legacyPost(MODERN_BATCH), 400, -32600],
    [
      "a request without a session [http25-session-missing] [http25-initialize-first]",
      legacyPost(rpc("tools/list")),
      400,
      -32000,
    ],
    [
      "a legacy client that takes no streams [http25-accept-post]",
      legacyPost(rpc("ping"), undefined, { Accept: "application/json" }),
      406,
      -32000,
    ],
    [
      "a method of HTTP nobody speaks [http26-post-only]",
      new Request(URL_OF_TESTS, { method: "PUT", body: "{}" }),
      405,
      -32000,
    ],
    ["a bare GET [http25-get]", new Request(URL_OF_TESTS), 405, -32000],
    ["a DELETE without a session", new Request(URL_OF_TESTS, { method: "DELETE" }), 400, -32000],
    [
      "an unknown modern method [http26-unknown-method]",
      modernRequest("zenode/unknown"),
      404,
      -32601,
    ],
    [
      "a foreign name in the header [http26-name-header]",
      modernRequest("tools/call", { name: "echo" }, { headers: { "Mcp-Name": "count" } }),
      400,
      -32020,
    ],
  ])("%s is refused", async (_, request, status, code) => {
    const response = await new Cloud().endpoint().handle(request, call());
    expect([response.status, (await json(response)).error.code]).toEqual([status, code]);
  });

  test("a body over the limit is refused before it is read to its end", async () => {
    const endpoint = new Cloud().endpoint({ limits: { bodyBytes: 100 } });
    const response = await endpoint.handle(
      legacyPost(rpc("ping", { pad: "x".repeat(200) })),
      call(),
    );
    expect([response.status, (await json(response)).error.code]).toEqual([413, -32000]);
  });

  test("refused methods say what is allowed", async () => {
    const endpoint = new Cloud().endpoint();
    const put = await endpoint.handle(new Request(URL_OF_TESTS, { method: "PUT" }), call());
    expect(put.headers.get("allow")).toBe("POST, GET, DELETE");
    const get = await endpoint.handle(new Request(URL_OF_TESTS), call());
    expect(get.headers.get("allow")).toBe("POST, DELETE");
  });
});

describe("origins", () => {
  const origin = (value: string) => modernRequest("tools/list", {}, { headers: { Origin: value } });

  test.each(["https://evil.test", "null", "https://app.test.evil.test", "http://app.test"])(
    "a page of %s is refused [http26-origin]",
    async (value) => {
      const response = await new Cloud().endpoint().handle(origin(value), call());
      expect(response.status).toBe(403);
    },
  );

  test("a page of an allowed origin is let in", async () => {
    const response = await new Cloud().endpoint().handle(origin("https://APP.test"), call());
    expect(response.status).toBe(200);
  });
});

describe("scopes", () => {
  const params = { name: "write_file", arguments: {} };
  const challenge = `Bearer error="insufficient_scope", error_description="This needs the scope zenode/write.", scope="zenode/write", resource_metadata="${RESOURCE_METADATA}"`;

  test("too little scope is challenged on the modern leg [resource-insufficient-scope]", async () => {
    const response = await new Cloud()
      .endpoint()
      .handle(modernRequest("tools/call", params), call(principal("ada", ["read"])));
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toBe(challenge);
  });

  test("too little scope is challenged on the legacy leg [resource-legacy-scopes]", async () => {
    const endpoint = new Cloud().endpoint();
    const reader = call(principal("ada", ["read"]));
    const session = await initialize(endpoint, reader);
    const response = await endpoint.handle(legacyPost(rpc("tools/call", params), session), reader);
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([403, challenge]);
  });

  test("a batch is challenged for any of its calls", async () => {
    const batch = [rpc("ping"), rpc("tools/call", params, 2)];
    const response = await new Cloud()
      .endpoint()
      .handle(legacyPost(batch), call(principal("ada", ["read"])));
    expect(response.status).toBe(403);
  });

  test("a larger scope includes a smaller one [resource-scope-hierarchy]", async () => {
    const response = await new Cloud()
      .endpoint()
      .handle(modernRequest("tools/call", params), call(principal("ada", ["admin"])));
    expect((await json(response)).result.content).toEqual([{ type: "text", text: "written" }]);
  });
});

describe("what tools throw", () => {
  const answer = async (name: string) => {
    const cloud = new Cloud();
    const request = modernRequest("tools/call", { name, arguments: {} });
    const response = await cloud.endpoint().handle(request, call());
    return { cloud, response, message: await json(response) };
  };

  test("a refusal is a result with its text", async () => {
    const { message } = await answer("refuse");
    expect(message.result).toMatchObject({
      isError: true,
      content: [{ type: "text", text: "There is no such file." }],
    });
  });

  test("an unforeseen error says nothing about the inside and is reported", async () => {
    const { cloud, message } = await answer("explode");
    expect(message.error).toEqual({ code: -32603, message: "Internal error" });
    expect(String(cloud.reported[0])).toBe("TypeError: secret at /srv/code.ts:12");
  });

  test("a dependency that fails asks to try again, without naming it", async () => {
    const { message } = await answer("unavailable");
    expect(message.error.code).toBe(-32603);
    expect(message.error.message).toBe(
      "The server can't do this at the moment; the same call may work in a few seconds.",
    );
  });
});

test("a store that fails is a 503 without details", async () => {
  const cloud = new Cloud();
  const { UnavailableError } = await import("../lib/error.ts");
  cloud.sessions.get = () => Promise.reject(new UnavailableError("table sessions"));
  const request = legacyPost(rpc("ping"), crypto.randomUUID());
  const response = await cloud.endpoint().handle(request, call());
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain("table");
  expect(cloud.reported).toHaveLength(1);
});

test("two tools of one name are a mistake of the catalogue", async () => {
  const { ToolRegistry } = await import("../tool/registry.ts");
  const { TOOLS } = await import("./endpoint-harness.ts");
  const taken = TOOLS.slice(0, 1).map((tool) => ({ ...tool, name: "task" }));
  expect(() => new Cloud().endpoint({ registry: new ToolRegistry(taken) })).toThrow(
    "Two tools are named task.",
  );
});

test("warming up touches no store and reports nothing", async () => {
  const { warmUp } = await import("./warm-up.ts");
  const { realClock } = await import("./endpoint-harness.ts");
  const cloud = new Cloud();
  cloud.sessions.get = () => Promise.reject(new Error("a session was read"));
  cloud.jobs.get = () => Promise.reject(new Error("a job was read"));
  await warmUp(cloud.endpoint(), realClock);
  expect(cloud.reported).toEqual([]);
});
