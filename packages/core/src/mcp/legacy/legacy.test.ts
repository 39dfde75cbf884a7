import { describe, expect, test, vi } from "vitest";
import { Cloud, call, principal } from "../endpoint-harness.ts";
import {
  events,
  initialize,
  json,
  legacyPost,
  type Message,
  messages,
  rpc,
  type SseEvent,
  URL_OF_TESTS,
} from "../wire-harness.ts";

const count = rpc("tools/call", { name: "count", arguments: {}, _meta: { progressToken: "p" } }, 7);

function get(session: string, lastEventId?: string): Request {
  const headers = { Accept: "text/event-stream", "Mcp-Session-Id": session };
  return new Request(URL_OF_TESTS, {
    headers: { ...headers, ...(lastEventId !== undefined && { "Last-Event-ID": lastEventId }) },
  });
}

async function all(response: Response): Promise<SseEvent[]> {
  const seen: SseEvent[] = [];
  for await (const event of events(response)) seen.push(event);
  return seen;
}

describe("sessions", () => {
  test("initialize answers JSON, negotiates the version and stores the session first [session-stored-first]", async () => {
    const cloud = new Cloud();
    const params = {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "c", version: "1" },
    };
    const response = await cloud
      .endpoint()
      .handle(legacyPost(rpc("initialize", params, "first")), call());
    const { id, result } = await json(response);
    expect([id, result.protocolVersion, result.serverInfo.name]).toEqual([
      "first",
      "2025-06-18",
      "zenode-test",
    ]);
    expect(result.capabilities).toEqual({
      tools: { listChanged: false },
      prompts: { listChanged: false },
      resources: { listChanged: false, subscribe: true },
      completions: {},
      logging: {},
    });
    const session = response.headers.get("mcp-session-id") ?? "";
    expect(await cloud.sessions.get("t-one", session)).toMatchObject({
      subject: "ada",
      clientId: "client-1",
      protocolVersion: "2025-06-18",
    });
  });

  test("an unknown version is answered with the newest of ours [http25-version-echo]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call(), "1999-01-01");
    const stored = await cloud.sessions.get("t-one", session);
    expect(stored?.protocolVersion).toBe("2025-11-25");
  });

  test("any process serves it, with one read of its item per request [session-any-process] [session-one-read]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const reads = vi.spyOn(cloud.sessions, "get");
    const response = await cloud.endpoint().handle(legacyPost(rpc("tools/list"), session), call());
    expect((await json(response)).result.tools.length).toBeGreaterThan(5);
    expect(reads).toHaveBeenCalledTimes(1);
  });

  test("unknown, foreign and ended sessions are 404 [session-not-found] [session-bound] [http25-delete]", async () => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint();
    const session = await initialize(endpoint, call());
    const ping = (id: string, who = principal()) =>
      endpoint.handle(legacyPost(rpc("ping"), id), call(who)).then(({ status }) => status);
    expect(await ping(session)).toBe(200);
    expect(await ping(crypto.randomUUID())).toBe(404);
    expect(await ping("../../etc")).toBe(404);
    expect(await ping(session, principal("bob"))).toBe(404);
    expect(await ping(session, { ...principal(), tenant: "t-two" })).toBe(404);
    expect(await ping(session, { ...principal(), clientId: "client-2" })).toBe(404);
    const end = () =>
      endpoint.handle(
        new Request(URL_OF_TESTS, { method: "DELETE", headers: { "Mcp-Session-Id": session } }),
        call(),
      );
    expect((await end()).status).toBe(200);
    expect((await end()).status).toBe(404);
    expect(await ping(session)).toBe(404);
  });

  test("a protocol version that is not served is refused, an absent one is the session's [http25-version-header]", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const ping = async (version: string) => {
      const headers = { "MCP-Protocol-Version": version };
      return (await endpoint.handle(legacyPost(rpc("ping"), session, headers), call())).status;
    };
    expect([await ping("2025-11-25"), await ping("2024-11-05")]).toEqual([200, 400]);
  });

  test("notifications are taken with 202 and nothing else [http25-accepted]", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call());
    const body = { jsonrpc: "2.0", method: "notifications/initialized" };
    const response = await endpoint.handle(legacyPost(body, session), call());
    expect([response.status, await response.text()]).toEqual([202, ""]);
  });

  test("batches belong to 2025-03-26 alone [http25-one-message]", async () => {
    const endpoint = new Cloud().endpoint();
    const batch = [rpc("ping", {}, 1), rpc("tools/call", { name: "nope" }, 2)];
    const old = await initialize(endpoint, call(), "2025-03-26");
    const answers = (await (
      await endpoint.handle(legacyPost(batch, old), call())
    ).json()) as Message[];
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, undefined],
      [2, -32602],
    ]);
    const newer = await initialize(endpoint, call(), "2025-06-18");
    const refused = await endpoint.handle(legacyPost(batch, newer), call());
    expect([refused.status, (await json(refused)).error.code]).toEqual([400, -32600]);
  });

  test.each([{}, { protocolVersion: 7, capabilities: "none" }, { protocolVersion: "2025-11-25" }])(
    "an initialize with %j is told what it lacks, in a session or not",
    async (params) => {
      const endpoint = new Cloud().endpoint();
      const session = await initialize(endpoint, call());
      for (const id of [undefined, session]) {
        const response = await endpoint.handle(
          legacyPost(rpc("initialize", params, "i"), id),
          call(),
        );
        expect(response.status).toBe(400);
        expect(await json(response)).toMatchObject({
          id: "i",
          error: { code: -32602, message: expect.stringContaining("protocolVersion") },
        });
      }
    },
  );

  test("a session is not initialized twice", async () => {
    const endpoint = new Cloud().endpoint();
    const session = await initialize(endpoint, call(), "2025-03-26");
    const again = rpc("initialize", {
      protocolVersion: "2025-03-26",
      capabilities: {},
      clientInfo: { name: "c", version: "1" },
    });
    const response = await endpoint.handle(
      legacyPost([again, rpc("ping", {}, 2)], session),
      call(),
    );
    expect(response.status).toBe(400);
  });

  test("the log level set in one process holds in the next [http25-log-level] [session-restored]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const level = rpc("logging/setLevel", { level: "error" });
    await cloud.endpoint().handle(legacyPost(level, session), call());
    expect((await cloud.sessions.get("t-one", session))?.logLevel).toBe("error");
    const said = await messages(await cloud.endpoint().handle(legacyPost(count, session), call()));
    expect(said.map(({ method }) => method)).toEqual([
      "notifications/progress",
      "notifications/progress",
      undefined,
    ]);
  });
});

describe("streams", () => {
  test("what says nothing in between is JSON and writes no log", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const append = vi.spyOn(cloud.log, "append");
    const echo = rpc("tools/call", { name: "echo", arguments: { text: "hi" } });
    const response = await cloud.endpoint().handle(legacyPost(echo, session), call());
    expect((await json(response)).result.content[0].text).toBe("hi");
    expect(append).not.toHaveBeenCalled();
  });

  test("a stream starts with an id to come back with; older revisions get none without data [http25-priming]", async () => {
    const first = async (version: string) => {
      const endpoint = new Cloud().endpoint();
      const session = await initialize(endpoint, call(), version);
      return (await all(await endpoint.handle(legacyPost(count, session), call())))[0];
    };
    expect(await first("2025-11-25")).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{12}\.1$/),
      retry: "1000",
      data: "",
    });
    expect((await first("2025-06-18"))?.data).toContain("notifications/progress");
  });

  test("another process takes up a broken stream after the last event seen [http25-resume]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const seen = await all(await cloud.endpoint().handle(legacyPost(count, session), call()));
    const [opened, progress] = seen;
    const rest = await all(await cloud.endpoint().handle(get(session, progress?.id), call()));
    expect(rest.filter(({ id }) => id)).toEqual(seen.slice(2));
    const whole = await all(await cloud.endpoint().handle(get(session, opened?.id), call()));
    expect(whole.filter(({ id }) => id)).toEqual(seen.slice(1));
  });

  test("a stream is taken up while its work goes on, after its client left [session-work-goes-on] [http25-disconnect]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const background: Promise<void>[] = [];
    const waitUntil = (work: Promise<void>) => void background.push(work);
    const crunch = rpc("tools/call", { name: "crunch", arguments: {} });
    const response = await cloud
      .endpoint()
      .handle(legacyPost(crunch, session), call(principal(), { waitUntil }));
    const reading = events(response);
    const opened = (await reading.next()).value as SseEvent;
    await reading.return(undefined);
    const resumed = await cloud.endpoint().handle(get(session, opened.id), call());
    const [order] = cloud.launcher.launched;
    if (!order) throw new Error("Nothing was launched.");
    const result = { content: [{ type: "text" as const, text: "crunched" }] };
    await cloud.work(order, [], { state: "completed", outcome: { kind: "result", result } });
    expect((await messages(resumed)).at(-1)?.result).toEqual(result);
    await Promise.all(background);
  });

  test("event ids that are not ours are refused [http25-resume-own]", async () => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint();
    const session = await initialize(endpoint, call());
    const status = async (id: string) => (await endpoint.handle(get(session, id), call())).status;
    expect(await status("nonsense")).toBe(400);
    expect(await status("0123456789ab.1")).toBe(404);
    const other = await initialize(endpoint, call());
    const seen = await all(await endpoint.handle(legacyPost(count, other), call()));
    expect(await status(seen[0]?.id ?? "")).toBe(404);
  });

  test("a quiet call opens its stream and is kept alive", async () => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint({ limits: { keepAliveMs: 10 } });
    const session = await initialize(endpoint, call());
    const crunch = rpc("tools/call", { name: "crunch", arguments: {} });
    const reading = events(await endpoint.handle(legacyPost(crunch, session), call()));
    // The events without data wait for the log, a comment for nothing: any may be first.
    const three = [(await reading.next()).value, (await reading.next()).value];
    three.push((await reading.next()).value);
    expect(three).toContainEqual({ comment: "keepalive" });
    await reading.return(undefined);
  });

  test("a log that can't be written costs the resumption, not the answer", async () => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint();
    const session = await initialize(endpoint, call());
    cloud.log.append = () => Promise.reject(new Error("throttled"));
    const seen = await all(await endpoint.handle(legacyPost(count, session), call()));
    expect(seen.map(({ id }) => id)).toEqual([undefined, undefined, undefined, undefined]);
    expect(seen.at(-1)?.data).toContain("counted 2");
    expect(cloud.reported).toHaveLength(1);
  });
});

describe("across processes", () => {
  test("the client's answer reaches the process that asked [session-answers-cross] [session-own-ids]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const ask = rpc("tools/call", { name: "ask", arguments: {} }, 3);
    const reading = events(await cloud.endpoint().handle(legacyPost(ask, session), call()));
    const question = await nextMessage(reading);
    expect(question?.method).toBe("elicitation/create");
    expect(question?.id).toMatch(/^s-[0-9a-f]{12}-0$/);
    const result = { action: "accept", content: { name: "Ada" } };
    const reply = { jsonrpc: "2.0", id: question?.id, result };
    const taken = await cloud.endpoint().handle(legacyPost(reply, session), call());
    expect(taken.status).toBe(202);
    expect(await nextMessage(reading)).toMatchObject({
      id: 3,
      result: { content: [{ text: "Hello Ada" }] },
    });
    expect(await nextMessage(reading)).toBeUndefined();
  });

  test("an answer to nothing we asked is taken and stored nowhere [session-stays-silent-on-foreign-answers]", async () => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint();
    const session = await initialize(endpoint, call());
    const append = vi.spyOn(cloud.log, "append");
    const reply = { jsonrpc: "2.0", id: 0, result: {} };
    expect((await endpoint.handle(legacyPost(reply, session), call())).status).toBe(202);
    expect(append).not.toHaveBeenCalled();
  });

  test("a cancellation reaches the process that works, and its job [session-cancel-crosses]", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const crunch = rpc("tools/call", { name: "crunch", arguments: {} }, "c-1");
    const reading = await cloud.endpoint().handle(legacyPost(crunch, session), call());
    const params = { requestId: "c-1", reason: "enough" };
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params };
    await cloud.endpoint().handle(legacyPost(cancel, session), call());
    expect(await messages(reading)).toEqual([]);
    const [order] = cloud.launcher.launched;
    if (!order) throw new Error("Nothing was launched.");
    await vi.waitFor(async () => {
      expect((await cloud.jobs.get(order.tenant, order.id))?.state).toBe("cancelled");
    });
  });
});

/** The next JSON-RPC message; undefined at the stream's end. */
async function nextMessage(reading: AsyncGenerator<SseEvent>): Promise<Message | undefined> {
  for (let next = await reading.next(); !next.done; next = await reading.next()) {
    if (next.value.data) return JSON.parse(next.value.data) as Message;
  }
  return undefined;
}
