import { expect, test } from "vitest";
import { Cloud, call, principal } from "../endpoint-harness.ts";
import type { McpEndpoint } from "../ports.ts";
import {
  events,
  initialize,
  legacyPost,
  rpc,
  type SseEvent,
  URL_OF_TESTS,
} from "../wire-harness.ts";

const LIMITS = { watchMs: 5, ownStreamMs: 5_000, keepAliveMs: 20 };
const README = "zenode://app/README.md";

function own(endpoint: McpEndpoint, session: string, last?: string): Promise<Response> {
  const headers = {
    Accept: "text/event-stream",
    "Mcp-Session-Id": session,
    ...(last !== undefined && { "Last-Event-ID": last }),
  };
  return endpoint.handle(new Request(URL_OF_TESTS, { headers }), call());
}

async function subscribed(cloud: Cloud, uri = README): Promise<string> {
  const session = await initialize(cloud.endpoint(), call());
  await subscribe(cloud, session, uri);
  return session;
}

function subscribe(cloud: Cloud, session: string, uri: string): Promise<Response> {
  return cloud.endpoint().handle(legacyPost(rpc("resources/subscribe", { uri }), session), call());
}

/** The next event with an id: a priming event or a message. */
async function next(reading: AsyncGenerator<SseEvent>): Promise<SseEvent | undefined> {
  for (;;) {
    const { value, done } = await reading.next();
    if (done || value.id !== undefined) return value;
  }
}

const updated = (uri: string) =>
  JSON.stringify({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } });

test("a push that changes a subscribed file is told, one that does not is not", async () => {
  const cloud = new Cloud();
  await cloud.push("app", { "README.md": "1", other: "1" });
  const session = await subscribed(cloud);
  const reading = events(await own(cloud.endpoint({ limits: LIMITS }), session));
  expect((await next(reading))?.id).toBe("000000000000.1");
  await cloud.push("app", { "README.md": "1", other: "2" });
  await cloud.push("app", { "README.md": "2", other: "2" });
  expect((await next(reading))?.data).toBe(updated(README));
  await cloud.push("app", { other: "2" });
  expect((await next(reading))?.data).toBe(updated(README));
  await reading.return(undefined);
});

function readOwn(cloud: Cloud, session: string) {
  return cloud.log.readAfter({ tenant: "t-one", stream: `${session}:own`, expiresAt: 9e15 }, 0);
}

test("what changed between two streams is told by the next one, with or without its last event", async () => {
  const cloud = new Cloud();
  await cloud.push("app", { "README.md": "1" });
  const session = await subscribed(cloud);
  const short = { ...LIMITS, ownStreamMs: 30 };
  for await (const _ of events(await own(cloud.endpoint({ limits: short }), session)));
  await cloud.push("app", { "README.md": "2" });
  const reading = events(await own(cloud.endpoint({ limits: LIMITS }), session));
  await next(reading);
  const message = await next(reading);
  expect(message?.data).toBe(updated(README));
  await reading.return(undefined);
  // Written, but never received: it is there for the one who names the event before it.
  const [, number] = (message?.id ?? "").split(".");
  const again = events(
    await own(cloud.endpoint({ limits: LIMITS }), session, `000000000000.${Number(number) - 1}`),
  );
  expect(await next(again)).toEqual(message);
  await again.return(undefined);
});

test("of two streams only the newer says a thing, and the older ends", async () => {
  const cloud = new Cloud();
  await cloud.push("app", { "README.md": "1" });
  const session = await subscribed(cloud);
  const older = events(await own(cloud.endpoint({ limits: LIMITS }), session));
  await next(older);
  const newer = events(await own(cloud.endpoint({ limits: LIMITS }), session));
  await next(newer);
  await cloud.push("app", { "README.md": "2" });
  expect((await next(newer))?.data).toBe(updated(README));
  expect(await next(older)).toBeUndefined();
  await newer.return(undefined);
});

test("a stream with nothing to watch is not held, writes nothing, and is asked for less often", async () => {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call());
  const seen: SseEvent[] = [];
  for await (const event of events(await own(cloud.endpoint(), session))) seen.push(event);
  expect(seen).toEqual([{ retry: "30000" }, { id: "000000000000.0", retry: "30000", data: "" }]);
  expect(await readOwn(cloud, session)).toEqual([]);
});

test("a subscription that ends, and a session that ends, are noticed", async () => {
  const cloud = new Cloud();
  await cloud.push("app", { "README.md": "1" });
  const session = await subscribed(cloud);
  const reading = events(await own(cloud.endpoint({ limits: LIMITS }), session));
  await next(reading);
  await cloud.sessions.delete("t-one", session);
  expect(await next(reading)).toBeUndefined();
});

test("only URIs that can be a resource are subscribed to", async () => {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call());
  const answer = await subscribe(cloud, session, "file:///etc/passwd");
  expect(await answer.json()).toMatchObject({ error: { code: -32002 } });
  expect((await cloud.sessions.get("t-one", session))?.subscriptions).toEqual([]);
});

test("another principal's stream is not found", async () => {
  const cloud = new Cloud();
  const session = await subscribed(cloud);
  const headers = { Accept: "text/event-stream", "Mcp-Session-Id": session };
  const foreign = await cloud
    .endpoint()
    .handle(new Request(URL_OF_TESTS, { headers }), call(principal("bob")));
  expect(foreign.status).toBe(404);
});
