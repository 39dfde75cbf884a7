import { describe, expect, test } from "vitest";
import type { Scope } from "../access/scope.ts";
import { Cloud, call, principal, RESOURCE_METADATA } from "./endpoint-harness.ts";
import type { McpCall, McpEndpoint } from "./ports.ts";
import {
  events,
  initialize,
  legacyPost,
  type Message,
  modernRequest,
  rpc,
} from "./wire-harness.ts";

/** One leg: how a request is made on it, and where its answer is found. */
interface Leg {
  readonly request: (method: string, params: Record<string, unknown>) => Request;
  readonly answer: (response: Response) => Promise<Message>;
}

type Open = (endpoint: McpEndpoint, who: McpCall) => Promise<Leg>;

const inBody = async (response: Response) => {
  const all = response.headers.get("content-type") === "text/event-stream";
  if (!all) return (await response.json()) as Message;
  let last: Message = {};
  for await (const { data } of events(response)) if (data) last = JSON.parse(data) as Message;
  return last;
};

const modern: Open = async () => ({
  request: (method, params) => modernRequest(method, params),
  answer: inBody,
});

const legacy: Open = async (endpoint, who) => {
  const session = await initialize(endpoint, who);
  return { request: (method, params) => legacyPost(rpc(method, params), session), answer: inBody };
};

const sse: Open = async (endpoint, who) => {
  const stream = events(await endpoint.handle(new Request("https://zenode.test/sse"), who));
  const next = async () => {
    for (;;) {
      const { value, done } = await stream.next();
      if (done) throw new Error("The stream has ended.");
      if (value.data) return value.data;
    }
  };
  const address = new URL(await next(), "https://zenode.test");
  const headers = { "Content-Type": "application/json" };
  return {
    request: (method, params) =>
      new Request(address, { method: "POST", headers, body: JSON.stringify(rpc(method, params)) }),
    answer: async (response) => {
      expect(response.status).toBe(202);
      return JSON.parse(await next()) as Message;
    },
  };
};

const LEGS: readonly [string, Open][] = [
  ["2026-07-28", modern],
  ["sessions", legacy],
  ["HTTP+SSE", sse],
];

async function open(how: Open, scopes: readonly Scope[] = ["admin"]) {
  const cloud = new Cloud();
  await cloud.push("app", { a: "a" });
  const endpoint = cloud.endpoint({ limits: { bodyBytes: 2_000 } });
  const who = call(principal("ada", scopes));
  const leg = await how(endpoint, who);
  const send = (method: string, params: Record<string, unknown> = {}) =>
    endpoint.handle(leg.request(method, params), who);
  const ask = async (method: string, params: Record<string, unknown> = {}) =>
    leg.answer(await send(method, params));
  return { cloud, leg, endpoint, who, send, ask };
}

describe.each(LEGS)("on the leg %s", (_, how) => {
  test.each<[string, Record<string, unknown>, readonly Scope[], Scope]>([
    ["tools/call", { name: "write_file", arguments: {} }, ["read"], "write"],
    ["prompts/get", { name: "rewrite" }, ["read"], "write"],
    ["prompts/get", { name: "review", arguments: { project: "app" } }, [], "read"],
    ["resources/read", { uri: "zenode://app/a" }, [], "read"],
    ["resources/list", {}, [], "read"],
  ])("%s %j with %j is challenged for %s", async (method, params, scopes, needed) => {
    const { send } = await open(how, scopes);
    const response = await send(method, params);
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toBe(
      `Bearer error="insufficient_scope", error_description="This needs the scope zenode/${needed}.", scope="zenode/${needed}", resource_metadata="${RESOURCE_METADATA}"`,
    );
    expect(await response.json()).toMatchObject({ error: "insufficient_scope" });
  });

  test("what tools refuse is a result, what fails is an error without its inside", async () => {
    const { cloud, ask } = await open(how);
    const tool = (name: string) => ask("tools/call", { name, arguments: {} });
    expect((await tool("refuse")).result).toMatchObject({ isError: true });
    expect((await tool("explode")).error).toEqual({ code: -32603, message: "Internal error" });
    expect((await tool("unavailable")).error).toMatchObject({ code: -32603 });
    expect((await tool("nope")).error).toMatchObject({ code: -32602 });
    expect((await ask("tools/call", { name: "echo", arguments: {} })).result).toMatchObject({
      isError: true,
    });
    expect(cloud.reported).toHaveLength(2);
  });

  test("unknown methods, prompts and cursors have one code each", async () => {
    const { ask } = await open(how);
    expect((await ask("no/such")).error.code).toBe(-32601);
    expect((await ask("prompts/get", { name: "none" })).error.code).toBe(-32602);
    expect((await ask("resources/list", { cursor: "%" })).error.code).toBe(-32602);
  });

  test("a body over the limit, of another type or no JSON is refused as HTTP", async () => {
    const { endpoint, leg, who, send } = await open(how);
    expect((await send("ping", { pad: "x".repeat(3_000) })).status).toBe(413);
    const like = (headers: Record<string, string>, body: string) => {
      const { url, headers: usual } = leg.request("ping", {});
      const all = { ...Object.fromEntries(usual), ...headers };
      return endpoint.handle(new Request(url, { method: "POST", headers: all, body }), who);
    };
    expect((await like({ "content-type": "text/plain" }, "{}")).status).toBe(415);
    expect((await like({}, "{")).status).toBe(400);
    expect((await like({ origin: "https://evil.test" }, "{}")).status).toBe(403);
  });
});
