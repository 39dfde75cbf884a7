import { expect, test } from "vitest";
import { Cloud, call, principal } from "../endpoint-harness.ts";
import type { McpCall } from "../ports.ts";
import { events, type Message, rpc, type SseEvent, TASKS } from "../wire-harness.ts";

const ORIGIN = "https://zenode.test";

/** A client of the old transport whose every request lands in another process. */
class OldClient {
  readonly cloud: Cloud;
  readonly #call: McpCall;
  readonly #reading: AsyncGenerator<SseEvent>;
  readonly endpoint: string;

  private constructor(cloud: Cloud, who: McpCall, reading: AsyncGenerator<SseEvent>, at: string) {
    this.cloud = cloud;
    this.#call = who;
    this.#reading = reading;
    this.endpoint = at;
  }

  static async connect(cloud: Cloud, lastEventId?: string, who = call()): Promise<OldClient> {
    const headers = {
      Accept: "text/event-stream",
      ...(lastEventId !== undefined && { "Last-Event-ID": lastEventId }),
    };
    const request = new Request(`${ORIGIN}/sse`, { headers });
    const reading = events(await cloud.endpoint().handle(request, who));
    for (;;) {
      const { value } = await reading.next();
      if (value?.id !== undefined) return new OldClient(cloud, who, reading, value.data ?? "");
    }
  }

  post(body: unknown, who: McpCall = this.#call): Promise<Response> {
    const request = new Request(new URL(this.endpoint, ORIGIN), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return this.cloud.endpoint().handle(request, who);
  }

  async next(): Promise<{ readonly id: string; readonly message: Message }> {
    for (;;) {
      const { value } = await this.#reading.next();
      if (!value) throw new Error("The stream has ended.");
      if (value.id) return { id: value.id, message: JSON.parse(value.data ?? "") as Message };
    }
  }

  async ask(method: string, params: object = {}, id: number | string = 1): Promise<Message> {
    expect((await this.post(rpc(method, params, id))).status).toBe(202);
    return (await this.next()).message;
  }

  async leave(): Promise<void> {
    await this.#reading.return(undefined);
  }
}

const HELLO = {
  protocolVersion: "2024-11-05",
  capabilities: { elicitation: { form: {} } },
  clientInfo: { name: "old", version: "1" },
};

test("the first event says where to post; answers come on the stream, from any process", async () => {
  const client = await OldClient.connect(new Cloud());
  expect(client.endpoint).toMatch(/^\/messages\?sessionId=[0-9a-f-]{36}$/);
  const hello = await client.ask("initialize", HELLO);
  expect(hello.result).toMatchObject({ protocolVersion: "2024-11-05" });
  const { result } = await client.ask(
    "tools/call",
    { name: "echo", arguments: { text: "hi" } },
    "x",
  );
  expect(result.content).toEqual([{ type: "text", text: "hi" }]);
  await client.leave();
});

test("progress and log messages come before the answer, in order", async () => {
  const client = await OldClient.connect(new Cloud());
  await client.ask("initialize", HELLO);
  const params = { name: "count", arguments: {}, _meta: { progressToken: "p" } };
  await client.post(rpc("tools/call", params, 7));
  const seen = [];
  for (let at = 0; at < 4; at++) seen.push((await client.next()).message);
  expect(seen.map(({ method, id }) => method ?? id)).toEqual([
    "notifications/progress",
    "notifications/message",
    "notifications/progress",
    7,
  ]);
  await client.leave();
});

test("the server's question is answered by another post, taken by another process", async () => {
  const client = await OldClient.connect(new Cloud());
  await client.ask("initialize", HELLO);
  await client.post(rpc("tools/call", { name: "ask", arguments: {} }, 3));
  const { message: question } = await client.next();
  expect(question.method).toBe("elicitation/create");
  const result = { action: "accept", content: { name: "Ada" } };
  expect((await client.post({ jsonrpc: "2.0", id: question.id, result })).status).toBe(202);
  expect((await client.next()).message).toMatchObject({
    id: 3,
    result: { content: [{ text: "Hello Ada" }] },
  });
  await client.leave();
});

test("a client that names its last event goes on in its session and gets what it missed", async () => {
  const cloud = new Cloud();
  const client = await OldClient.connect(cloud);
  await client.ask("initialize", HELLO);
  await client.post(rpc("ping", {}, 2));
  const { id } = await client.next();
  await client.leave();
  await client.post(rpc("ping", {}, 3));
  const again = await OldClient.connect(cloud, id);
  expect(again.endpoint).toBe(client.endpoint);
  expect((await again.next()).message.id).toBe(3);
  await again.leave();
});

test("a client that comes back without its last event is served without a handshake, but not asked", async () => {
  const cloud = new Cloud();
  const client = await OldClient.connect(cloud);
  const { result } = await client.ask("tools/list");
  expect(result.tools.length).toBeGreaterThan(5);
  const asked = await client.ask("tools/call", { name: "ask", arguments: {} }, 2);
  expect(asked.error ?? asked.result).toBeDefined();
  expect(asked.method).toBeUndefined();
  await client.leave();
});

test("messages of two posts at once both arrive, none twice", async () => {
  const client = await OldClient.connect(new Cloud());
  await client.ask("initialize", HELLO);
  await Promise.all([10, 11, 12, 13].map((id) => client.post(rpc("ping", {}, id))));
  const ids = [];
  for (let at = 0; at < 4; at++) ids.push((await client.next()).message.id);
  expect(ids.sort()).toEqual([10, 11, 12, 13]);
  await client.leave();
});

test("a cancelled call ends without an answer", async () => {
  const client = await OldClient.connect(new Cloud());
  await client.ask("initialize", { ...HELLO, capabilities: TASKS });
  await client.post(rpc("tools/call", { name: "hang", arguments: {} }, 5));
  const params = { requestId: 5 };
  await client.post({ jsonrpc: "2.0", method: "notifications/cancelled", params });
  expect((await client.ask("ping", {}, 6)).id).toBe(6);
  await client.leave();
});

test("foreign, unknown and missing sessions are refused before anything is done", async () => {
  const cloud = new Cloud();
  const client = await OldClient.connect(cloud);
  expect((await client.post(rpc("ping"), call(principal("bob")))).status).toBe(404);
  const send = (path: string, method = "POST") =>
    cloud.endpoint().handle(
      new Request(`${ORIGIN}${path}`, {
        method,
        ...(method === "POST" && {
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(rpc("ping")),
        }),
      }),
      call(),
    );
  expect((await send("/messages")).status).toBe(400);
  expect((await send(`/messages?sessionId=${crypto.randomUUID()}`)).status).toBe(404);
  expect((await send("/messages", "GET")).headers.get("allow")).toBe("POST");
  expect((await send("/sse")).headers.get("allow")).toBe("GET");
  await client.leave();
});

test("the process is kept until the answer is in the log", async () => {
  const cloud = new Cloud();
  const kept: Promise<void>[] = [];
  const who = call(undefined, { waitUntil: (work) => kept.push(work) });
  const client = await OldClient.connect(cloud, undefined, who);
  const append = cloud.log.append.bind(cloud.log);
  let appended = false;
  cloud.log.append = async (...given) => {
    // Longer than everything else of a run takes.
    await new Promise((resolve) => setTimeout(resolve, 30));
    appended = true;
    return append(...given);
  };
  await client.post(rpc("ping"));
  await Promise.all(kept);
  expect(appended).toBe(true);
  await client.leave();
});
