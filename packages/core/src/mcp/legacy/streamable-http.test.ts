import { describe, expect, test } from "vitest";
import type { EventLog } from "../../log/event-log.ts";
import { MAX_SUBSCRIPTIONS } from "../../session/session-store.ts";
import { Cloud, call } from "../endpoint-harness.ts";
import {
  events,
  initialize,
  json,
  legacyPost,
  messages,
  modernRequest,
  rpc,
  type SseEvent,
  URL_OF_TESTS,
} from "../wire-harness.ts";

const count = (id: number) =>
  rpc("tools/call", { name: "count", arguments: {}, _meta: { progressToken: id } }, id);

function get(session: string, headers: Record<string, string>): Request {
  return new Request(URL_OF_TESTS, { headers: { "Mcp-Session-Id": session, ...headers } });
}

async function all(response: Response): Promise<SseEvent[]> {
  const seen: SseEvent[] = [];
  for await (const event of events(response)) seen.push(event);
  return seen;
}

describe("what is answered at once", () => {
  test.each([
    ["application/json, text/event-stream", "application/json"],
    ["text/event-stream, application/json", "text/event-stream"],
    ["text/event-stream;q=0.5, application/json", "application/json"],
    ["application/json;q=0.9, text/event-stream", "text/event-stream"],
  ])("to Accept: %s is %s", async (accept, type) => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const request = legacyPost(rpc("ping"), session, { Accept: accept });
    const response = await endpoint.handle(request, call());
    expect(response.headers.get("content-type")).toBe(type);
    expect(await response.text()).toContain('"result":{}');
  });
});

test("a stream is handed out when it can be taken up: its first event is stored", async () => {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call());
  const stored = Promise.withResolvers<void>();
  const slow: EventLog = {
    append: async (...batch) => {
      await stored.promise;
      return cloud.log.append(...batch);
    },
    readAfter: (...place) => cloud.log.readAfter(...place),
  };
  const answer = cloud.endpoint({ log: slow }).handle(legacyPost(count(1), session), call());
  const soon = new Promise((resolve) => setTimeout(() => resolve("nothing"), 50));
  expect(await Promise.race([answer, soon])).toBe("nothing");
  stored.resolve();
  const [first] = await all(await answer);
  expect(first?.id).toMatch(/\.1$/);
});

describe("one address", () => {
  test("has POST, GET and DELETE of a session [http25-one-endpoint]", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const streamed = await all(await endpoint.handle(legacyPost(count(1), session), call()));
    const headers = { "Last-Event-ID": streamed[0]?.id ?? "", Accept: "text/event-stream" };
    expect((await endpoint.handle(get(session, headers), call())).status).toBe(200);
    const end = new Request(URL_OF_TESTS, {
      method: "DELETE",
      headers: { "Mcp-Session-Id": session },
    });
    expect((await endpoint.handle(end, call())).status).toBe(200);
  });

  test("serves both eras: an envelope is 2026-07-28, initialize starts a session [http25-dual-era]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const headers = { "Mcp-Session-Id": session };
    const modern = await cloud
      .endpoint()
      .handle(modernRequest("tools/list", {}, { headers }), call());
    expect((await json(modern)).result.resultType).toBe("complete");
    const legacy = await cloud.endpoint().handle(legacyPost(rpc("tools/list"), session), call());
    expect((await json(legacy)).result).not.toHaveProperty("resultType");
  });

  test("takes Mcp-Method of a legacy client for what it is [http25-tolerant]", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const request = legacyPost(rpc("ping"), session, { "Mcp-Method": "ping" });
    expect((await json(await endpoint.handle(request, call()))).result).toEqual({});
  });
});

test("ping is answered with nothing [http25-ping]", async () => {
  const endpoint = new Cloud().endpoint();
  const session = await initialize(endpoint, call());
  const response = await endpoint.handle(legacyPost(rpc("ping", {}, "p"), session), call());
  expect(await json(response)).toEqual({ jsonrpc: "2.0", id: "p", result: {} });
});

test("session ids are random and visible ASCII [http25-session-id]", async () => {
  const endpoint = new Cloud().endpoint();
  const ids = await Promise.all(Array.from({ length: 20 }, () => initialize(endpoint, call())));
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(20);
});

test("an initialize larger than a session keeps is refused with both sizes", async () => {
  const cloud = new Cloud();
  const clientInfo = { name: "x".repeat(40_000), version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const response = await cloud.endpoint().handle(legacyPost(rpc("initialize", params)), call());
  const { error } = await json(response);
  expect([response.status, error.code]).toEqual([400, -32602]);
  expect(error.message).toMatch(/initialize has 40\d\d\d bytes; at most 32768/);
});

test("a request is cancelled by an id of any length, in a place with a short name", async () => {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call());
  const names: string[] = [];
  const append: EventLog["append"] = cloud.log.append.bind(cloud.log);
  cloud.log.append = (key, ...rest) => {
    names.push(key.stream);
    return append(key, ...rest);
  };
  const id = "é".repeat(100_000);
  const hang = rpc("tools/call", { name: "hang", arguments: {} }, id);
  const reading = cloud.endpoint().handle(legacyPost(hang, session), call());
  const params = { requestId: id };
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params };
  expect((await cloud.endpoint().handle(legacyPost(cancel, session), call())).status).toBe(202);
  expect(await messages(await reading)).toEqual([]);
  expect(Math.max(...names.map(({ length }) => length))).toBeLessThan(120);
});

test("a subscription too many, or with too long a URI, is refused", async () => {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call());
  const subscribe = async (uri: string) =>
    json(
      await cloud
        .endpoint()
        .handle(legacyPost(rpc("resources/subscribe", { uri }), session), call()),
    );
  for (let file = 0; file < MAX_SUBSCRIPTIONS; file++) {
    expect((await subscribe(`zenode://app/${file}`)).result).toEqual({});
  }
  const { error } = await subscribe("zenode://app/more");
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("unsubscribe") });
  expect((await subscribe(`zenode://app/${"a".repeat(2048)}`)).error.code).toBe(-32602);
  expect((await cloud.sessions.get("t-one", session))?.subscriptions).toHaveLength(
    MAX_SUBSCRIPTIONS,
  );
});

test("subscriptions are kept with the session, in any process [http25-subscriptions]", async () => {
  const cloud = new Cloud();
  await cloud.push("app", { one: "1", two: "2" });
  const session = await initialize(cloud.endpoint(), call());
  const send = async (method: string, file: string) => {
    const asked = rpc(method, { uri: `zenode://app/${file}` });
    return json(await cloud.endpoint().handle(legacyPost(asked, session), call()));
  };
  await send("resources/subscribe", "one");
  await send("resources/subscribe", "two");
  expect((await send("resources/unsubscribe", "one")).result).toEqual({});
  const kept = await cloud.sessions.get("t-one", session);
  expect(kept?.subscriptions).toEqual(["zenode://app/two"]);
});

describe("streams", () => {
  test("a GET that takes no event stream is 406 [http25-accept-get]", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const headers = { "Last-Event-ID": "0123456789ab.1", Accept: "application/json" };
    const response = await endpoint.handle(get(session, headers), call());
    expect([response.status, (await json(response)).error.code]).toEqual([406, -32000]);
  });

  test("an event id of number 0 is none of ours", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const headers = { "Last-Event-ID": "0123456789ab.0", Accept: "text/event-stream" };
    expect((await endpoint.handle(get(session, headers), call())).status).toBe(400);
  });

  test("every event's id is new and names its stream; no message is said twice [http25-event-ids] [http25-no-broadcast]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const streams = await Promise.all(
      [1, 2, 3].map(async (id) =>
        all(await cloud.endpoint().handle(legacyPost(count(id), session), call())),
      ),
    );
    const ids = streams.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const seen of streams) {
      expect(new Set(seen.map(({ id }) => id?.split(".")[0])).size).toBe(1);
    }
    // The log message is the same text in each of them, the rest bears the request's own number.
    const said = streams.flat().flatMap(({ data }) => (data ? [data] : []));
    const own = said.filter((data) => !data.includes("notifications/message"));
    expect([said.length, own.length, new Set(own).size]).toEqual([12, 9, 9]);
  });

  test("what the client reads is in the log already [session-logged-first]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const waiting = Promise.withResolvers<void>();
    const append: EventLog["append"] = cloud.log.append.bind(cloud.log);
    const appended: string[] = [];
    cloud.log.append = async (key, at, writer, batch) => {
      if (at > 1) await waiting.promise;
      appended.push(...batch.map(({ kind }) => kind));
      return append(key, at, writer, batch);
    };
    const reading = events(await cloud.endpoint().handle(legacyPost(count(1), session), call()));
    const first = await reading.next();
    expect(appended[0]).toBe("opened");
    expect(first.value).toMatchObject({ data: expect.any(String) });
    const rest = (async () => {
      const seen: (SseEvent | undefined)[] = [];
      for await (const event of reading) seen.push(event);
      return seen;
    })();
    const before = appended.length;
    expect(await Promise.race([rest, Promise.resolve("nothing yet")])).toBe("nothing yet");
    waiting.resolve();
    expect((await rest).length).toBeGreaterThan(0);
    expect(appended.length).toBeGreaterThan(before);
  });

  test("each message has its place in the log when it is read", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const response = await cloud.endpoint().handle(legacyPost(count(1), session), call());
    let seen = 0;
    for await (const { id } of events(response)) {
      const [stream = "", number] = (id ?? "").split(".");
      const key = { tenant: "t-one", stream: `${session}:answer:${stream}`, expiresAt: 2 ** 50 };
      const [logged] = await cloud.log.readAfter(key, Number(number) - 1);
      expect(logged?.number).toBe(Number(number));
      seen += 1;
    }
    expect(seen).toBe(5);
  });

  test("progress and log messages of one request stay on its stream", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const [one, two] = await Promise.all(
      [1, 2].map(async (id) =>
        messages(await endpoint.handle(legacyPost(count(id), session), call())),
      ),
    );
    const tokens = (said: typeof one) =>
      said?.flatMap(({ params }) => params?.progressToken ?? []) ?? [];
    expect([tokens(one), tokens(two)]).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});
