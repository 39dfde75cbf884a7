import { describe, expect, test } from "vitest";
import { Cloud, call, principal } from "../endpoint-harness.ts";
import type { McpCall } from "../ports.ts";
import {
  events,
  initialize,
  legacyPost,
  type Message,
  rpc,
  URL_OF_TESTS,
} from "../wire-harness.ts";

const PARKS = { limits: { parkAfterMs: 10 } };
const confirm = rpc("tools/call", { name: "confirm_twice", arguments: {} }, 9);
const introduce = rpc("tools/call", { name: "introduce", arguments: {} }, 9);

interface Read {
  readonly messages: readonly Message[];
  readonly last: string;
  readonly retry: string | undefined;
}

/** A whole response: it ends although the call has not. */
async function read(response: Response): Promise<Read> {
  const messages: Message[] = [];
  let [last, retry]: [string, string | undefined] = ["", undefined];
  for await (const event of events(response)) {
    if (event.id) last = event.id;
    retry = (event as { retry?: string }).retry ?? retry;
    if (event.data) messages.push(JSON.parse(event.data) as Message);
  }
  return { messages, last, retry };
}

/** A client whose every request lands in another process, whose host keeps each for its work. */
function client(
  cloud: Cloud,
  session: string,
  scopes: McpCall["principal"]["scopes"] = new Set(["write"]),
) {
  const work: Promise<void>[] = [];
  const who = call({ ...principal(), scopes }, { waitUntil: (one) => work.push(one) });
  const post = (body: unknown) => cloud.endpoint(PARKS).handle(legacyPost(body, session), who);
  return {
    work,
    post,
    reply: (id: Message["id"], content: object) =>
      post({ jsonrpc: "2.0", id, result: { action: "accept", content } }),
    resume: (last: string) => {
      const headers = {
        Accept: "text/event-stream",
        "Mcp-Session-Id": session,
        "Last-Event-ID": last,
      };
      return cloud.endpoint(PARKS).handle(new Request(URL_OF_TESTS, { headers }), who);
    },
  };
}

async function start() {
  const cloud = new Cloud();
  const session = await initialize(cloud.endpoint(), call());
  return { cloud, session, ...client(cloud, session) };
}

describe("a call that waits for a person", () => {
  test("ends its response and its process, and goes on where the answer arrives", async () => {
    const { post, reply, resume, work } = await start();
    const first = await read(await post(introduce));
    expect(first.messages.map(({ method }) => method)).toEqual(["elicitation/create"]);
    expect(first.retry).toBe("3000");
    await Promise.all(work);
    // Looking in meanwhile holds nothing.
    expect(await read(await resume(first.last))).toEqual({ ...first, messages: [] });
    expect((await reply(first.messages[0]?.id, { name: "Ada" })).status).toBe(202);
    await Promise.all(work);
    const second = await read(await resume(first.last));
    expect(second.messages.map(({ params }) => params.message)).toEqual(["Your colour?"]);
    await reply(second.messages[0]?.id, { colour: "red" });
    await Promise.all(work);
    const third = await read(await resume(second.last));
    expect(third.messages).toMatchObject([
      { id: 9, result: { content: [{ text: "Ada likes red" }] } },
    ]);
  });

  test("of a platform tool goes on where the answer arrives, with the answers it has had", async () => {
    const { post, reply, resume, work } = await start();
    const first = await read(await post(confirm));
    expect(first.messages.map(({ params }) => params.message)).toEqual(["First?"]);
    await Promise.all(work);
    await reply(first.messages[0]?.id, { ok: true });
    await Promise.all(work);
    const second = await read(await resume(first.last));
    expect(second.messages.map(({ params }) => params.message)).toEqual(["Second?"]);
    await reply(second.messages[0]?.id, { ok: false });
    await Promise.all(work);
    const third = await read(await resume(second.last));
    expect(third.messages[0]?.result.content[0].text).toBe("true false");
  });

  test("goes on once, though its answer is posted twice at the same time", async () => {
    const { post, reply, resume, work } = await start();
    const first = await read(await post(introduce));
    await Promise.all(work);
    const again = () => reply(first.messages[0]?.id, { name: "Ada" });
    await Promise.all([again(), again(), again()]);
    await Promise.all(work);
    const second = await read(await resume(first.last));
    expect(second.messages).toHaveLength(1);
  });

  test("is answered at once when the answer comes soon", async () => {
    const cloud = new Cloud();
    const session = await initialize(cloud.endpoint(), call());
    const { reply } = client(cloud, session);
    const who = call(undefined, { waitUntil: () => undefined });
    const response = await cloud.endpoint().handle(legacyPost(introduce, session), who);
    const seen: Message[] = [];
    for await (const { data } of events(response)) {
      if (!data) continue;
      const message = JSON.parse(data) as Message;
      seen.push(message);
      const content =
        message.params?.message === "Your name?" ? { name: "Ada" } : { colour: "red" };
      if (message.method) await reply(message.id, content);
    }
    expect(seen.at(-1)?.result.content[0].text).toBe("Ada likes red");
  });

  test("ends with the client's words when it can't answer", async () => {
    const { post, resume, work } = await start();
    const first = await read(await post(confirm));
    await Promise.all(work);
    const error = { code: -32603, message: "no window" };
    await post({ jsonrpc: "2.0", id: first.messages[0]?.id, error });
    await Promise.all(work);
    const { messages } = await read(await resume(first.last));
    expect(messages).toMatchObject([{ id: 9, result: { isError: true } }]);
    expect(messages[0]?.result.content[0].text).toContain("no window");
  });

  test("does not go on under a token that allows less", async () => {
    const { cloud, session, post, resume, work } = await start();
    const first = await read(await post(introduce));
    await Promise.all(work);
    const weaker = client(cloud, session, new Set(["read"]));
    await weaker.reply(first.messages[0]?.id, { name: "Ada" });
    await Promise.all(weaker.work);
    const { messages } = await read(await resume(first.last));
    expect(messages[0]?.result).toMatchObject({
      isError: true,
      content: [{ text: "This needs the scope zenode/write." }],
    });
  });

  test("that was cancelled meanwhile ends without a word", async () => {
    const { post, reply, resume, work } = await start();
    const first = await read(await post(introduce));
    await Promise.all(work);
    const params = { requestId: 9 };
    await post({ jsonrpc: "2.0", method: "notifications/cancelled", params });
    await reply(first.messages[0]?.id, { name: "Ada" });
    await Promise.all(work);
    expect((await read(await resume(first.last))).messages).toEqual([]);
  });

  test("is refused when the client never said it could be asked", async () => {
    const cloud = new Cloud();
    const params = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "c", version: "1" },
    };
    const hello = await cloud.endpoint().handle(legacyPost(rpc("initialize", params)), call());
    const { post } = client(cloud, hello.headers.get("mcp-session-id") ?? "");
    const answer = (await (await post(introduce)).json()) as Message;
    expect(answer.result).toMatchObject({ isError: true });
    expect(answer.result.content[0].text).toContain("elicitation/create");
  });
});
