import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ToolRegistry } from "../tool/registry.ts";
import { Cloud, principal, realClock, TOOLS } from "./endpoint-harness.ts";
import { serveStdio } from "./stdio.ts";
import { type Message, rpc, TASKS } from "./wire-harness.ts";

let input: PassThrough;
let lines: AsyncIterator<string>;
let cloud: Cloud;
let connection: ReturnType<typeof serveStdio>;

beforeEach(() => {
  input = new PassThrough();
  const output = new PassThrough();
  lines = linesOf(output);
  cloud = new Cloud();
  connection = serveStdio(
    {
      registry: new ToolRegistry(TOOLS),
      projects: () => cloud.workspace.projects({ tenant: "t-one" }),
      calls: cloud.calls,
      clock: realClock,
      serverInfo: { name: "zenode-test", version: "1.2.3" },
      principal: principal(),
      report: (error) => cloud.reported.push(error),
    },
    { input, output },
  );
});
afterEach(() => connection.close());

async function* linesOf(stream: PassThrough): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

function say(line: unknown): void {
  input.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
}

async function hear(): Promise<Message> {
  return JSON.parse((await lines.next()).value) as Message;
}

function modern(method: string, params: object = {}, capabilities: object = {}, id = 1) {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
  return rpc(method, { ...params, _meta }, id);
}

const initialize = rpc("initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});

describe("the first message decides the era", () => {
  test("an envelope: 2026-07-28", async () => {
    say(modern("server/discover"));
    expect((await hear()).result).toMatchObject({ supportedVersions: ["2026-07-28"] });
    say(modern("tools/call", { name: "echo", arguments: { text: "hi" } }));
    expect((await hear()).result.content).toEqual([{ type: "text", text: "hi" }]);
  });

  test("initialize: 2025-11-25 and before", async () => {
    say(initialize);
    expect((await hear()).result).toMatchObject({ protocolVersion: "2025-11-25" });
    say({ jsonrpc: "2.0", method: "notifications/initialized" });
    say(rpc("tools/list"));
    expect((await hear()).result.tools.map(({ name }: { name: string }) => name)).toContain("task");
  });

  test("a probe for the newest does not bind a client that turns to an older one", async () => {
    say(modern("server/discover"));
    await hear();
    say(initialize);
    expect((await hear()).result).toMatchObject({ protocolVersion: "2025-11-25" });
  });
});

test.each([
  "this is no JSON",
  "{",
  "",
  "[]",
  "{}",
  '{"jsonrpc":"1.0","id":1,"method":"ping"}',
  "\u0000\u0001",
  '{"jsonrpc":"2.0","id":7,"result":{}}',
])("the line %j is passed over", async (line) => {
  say(line);
  say(initialize);
  expect((await hear()).result).toMatchObject({ protocolVersion: "2025-11-25" });
  say(line);
  say(rpc("ping"));
  expect((await hear()).result).toEqual({});
});

test("a client that takes tasks gets a handle, and nothing but the handle", async () => {
  say(modern("tools/call", { name: "crunch" }, TASKS));
  const { result } = await hear();
  expect(result).toMatchObject({ resultType: "task", status: "working" });
  expect(result).not.toHaveProperty("content");
  const [order] = cloud.launcher.launched;
  if (!order) throw new Error("Nothing was launched.");
  await cloud.work(order, [], {
    state: "completed",
    outcome: { kind: "result", result: { content: [{ type: "text", text: "crunched" }] } },
  });
  say(modern("tasks/get", { taskId: result.taskId }, TASKS));
  expect((await hear()).result).toMatchObject({
    status: "completed",
    result: { content: [{ text: "crunched" }] },
  });
});

test("a call that is taken back is told to stop, and not answered", async () => {
  say(initialize);
  await hear();
  say(rpc("tools/call", { name: "hang" }, 5));
  say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } });
  say(rpc("ping", {}, 6));
  expect((await hear()).id).toBe(6);
});

test("a tool's failure tells the client nothing of its insides", async () => {
  say(initialize);
  await hear();
  say(rpc("tools/call", { name: "explode" }));
  expect((await hear()).error).toEqual({ code: -32603, message: "Internal error" });
  expect(cloud.reported).toEqual([new TypeError("secret at /srv/code.ts:12")]);
});

test("it ends when the client closes its end", async () => {
  say(initialize);
  await hear();
  input.end();
  await connection.closed;
});
