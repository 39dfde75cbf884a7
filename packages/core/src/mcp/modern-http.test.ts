import { inputRequired } from "@modelcontextprotocol/server";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { ToolRegistry } from "../tool/registry.ts";
import { text } from "../tool/tool-result.ts";
import { Cloud, call, principal, TOOLS } from "./endpoint-harness.ts";
import { type AnyNativeTool, defineNativeTool } from "./native-tool.ts";
import { events, json, type Message, messages, modernRequest } from "./wire-harness.ts";

const ECHO = { name: "echo", arguments: { text: "hi" } };
const LISTEN = { notifications: { toolsListChanged: true } };
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

async function answer(request: Request, cloud = new Cloud()): Promise<[number, Message]> {
  const response = await cloud.endpoint().handle(request, call());
  return [response.status, await json(response)];
}

function without(request: Request, header: string): Request {
  const copy = new Request(request);
  copy.headers.delete(header);
  return copy;
}

/** The same headers, another body. */
function instead(request: Request, body: unknown): Request {
  return new Request(request.url, {
    method: "POST",
    headers: request.headers,
    body: JSON.stringify(body),
  });
}

describe("headers that say what the body says", () => {
  const meta = { "io.modelcontextprotocol/protocolVersion": "2099-01-01" };

  test.each([
    [
      "no version [http26-version-header]",
      without(modernRequest("tools/list"), "mcp-protocol-version"),
    ],
    ["no method [http26-method-header]", without(modernRequest("tools/list"), "mcp-method")],
    ["no name [http26-name-header]", without(modernRequest("tools/call", ECHO), "mcp-name")],
    [
      "a prompt's name of another",
      modernRequest("prompts/get", { name: "one" }, { headers: { "Mcp-Name": "two" } }),
    ],
    [
      "a resource's address of another",
      modernRequest("resources/read", { uri: "x://one" }, { headers: { "Mcp-Name": "x://two" } }),
    ],
    [
      "another task's id [task-name-header]",
      modernRequest("tasks/get", { taskId: "task_1" }, { headers: { "Mcp-Name": "task_2" } }),
    ],
    ["no task's id", without(modernRequest("tasks/get", { taskId: "task_1" }), "mcp-name")],
    [
      "a name in capitals [http26-header-case]",
      modernRequest("tools/call", ECHO, { headers: { "mCP-nAME": "ECHO" } }),
    ],
    [
      "a method in capitals",
      modernRequest("tools/list", {}, { headers: { "Mcp-Method": "Tools/List" } }),
    ],
  ])("%s is a mismatch", async (_, request) => {
    const [status, { error, id }] = await answer(request);
    expect([status, error.code, id]).toEqual([400, -32020, 1]);
  });

  test("a version nobody serves is told what is served [http26-version-unknown]", async () => {
    const headers = { "MCP-Protocol-Version": "2099-01-01" };
    const [status, { error }] = await answer(modernRequest("tools/list", {}, { headers, meta }));
    expect([status, error.code, error.data]).toEqual([
      400,
      -32022,
      { supported: ["2026-07-28"], requested: "2099-01-01" },
    ]);
  });

  test("an encoded name is the name [http26-encoded-header]", async () => {
    const headers = { "Mcp-Name": `=?base64?${btoa("echo")}?=` };
    const [status, { result }] = await answer(modernRequest("tools/call", ECHO, { headers }));
    expect([status, result.content[0].text]).toEqual([200, "hi"]);
  });
});

describe("arguments that stand in headers too", () => {
  const input = z.object({
    region: z.string().optional().meta({ "x-mcp-header": "Region" }),
    count: z.int().optional().meta({ "x-mcp-header": "Count" }),
  });
  const where = {
    ...TOOLS[1],
    name: "where",
    scope: "read",
    input,
    load: async () => async () => text("here"),
  } as unknown as (typeof TOOLS)[number];
  const base64 = (value: string) => `=?base64?${Buffer.from(value).toString("base64")}?=`;

  test.each([
    ["equal [http26-param-equal]", { region: "eu" }, { "Mcp-Param-Region": "eu" }, 200],
    ["another value", { region: "eu" }, { "Mcp-Param-Region": "us" }, 400],
    ["another case", { region: "eu" }, { "Mcp-Param-Region": "EU" }, 400],
    ["no header", { region: "eu" }, {}, 400],
    ["encoded", { region: "é" }, { "mcp-param-region": base64("é") }, 200],
    ["encoded, another value", { region: "é" }, { "Mcp-Param-Region": base64("è") }, 400],
    [
      "an encoding that is none [http26-param-encoding]",
      { region: "é" },
      { "Mcp-Param-Region": "=?base64?***?=" },
      400,
    ],
    ["the same number otherwise", { count: 42 }, { "Mcp-Param-Count": "42.0" }, 200],
    ["another number", { count: 42 }, { "Mcp-Param-Count": "43" }, 400],
    ["no argument, no header [http26-param-absent]", {}, {}, 200],
    ["null, no header", { region: null }, {}, 200],
  ])("%s", async (_, args, headers, expected) => {
    const cloud = new Cloud();
    const endpoint = cloud.endpoint({ registry: new ToolRegistry([...TOOLS, where]) });
    const request = modernRequest("tools/call", { name: "where", arguments: args }, { headers });
    const response = await endpoint.handle(request, call());
    const { error, result } = await json(response);
    expect([response.status, error?.code]).toEqual([
      expected,
      expected === 200 ? undefined : -32020,
    ]);
    if (result)
      expect(result.isError).toBe("region" in args && args.region === null ? true : undefined);
  });
});

describe("messages", () => {
  test("params of the wrong form are invalid params, named", async () => {
    const [status, { error }] = await answer(modernRequest("tools/list", { cursor: 7 }));
    expect([status, error]).toEqual([
      200,
      {
        code: -32602,
        message: "Invalid params: params.cursor: Invalid input: expected string, received number",
      },
    ]);
  });

  test("what is nested deeper than anything sensible is refused before it is looked at", async () => {
    const request = modernRequest("tools/list");
    const { url, headers } = request;
    const nested = (depth: number) =>
      new Request(url, { method: "POST", headers, body: "[".repeat(depth) + "]".repeat(depth) });
    const [status, { error }] = await answer(nested(202));
    expect([status, error]).toEqual([
      400,
      { code: -32600, message: "Invalid Request: the body is nested over 200 levels" },
    ]);
    expect((await answer(nested(201)))[1].error.message).not.toContain("nested");
  });

  test.each(["protocolVersion", "clientCapabilities"])(
    "a request without %s in its envelope is refused [http26-meta]",
    async (name) => {
      const meta = { [`io.modelcontextprotocol/${name}`]: undefined };
      const [status, { error, id }] = await answer(modernRequest("tools/list", {}, { meta }));
      expect([status, error.code, id]).toEqual([400, -32602, 1]);
    },
  );

  test("an error carries the id of its request, text or number [http26-error-id]", async () => {
    const request = modernRequest("tools/destroy");
    const body = (await request.clone().json()) as object;
    for (const id of ["a", 7]) {
      const [status, message] = await answer(instead(request, { ...body, id }));
      expect([status, message.id, message.error.code]).toEqual([404, id, -32601]);
    }
  });

  test("a notification is taken and not answered [http26-notification]", async () => {
    const request = modernRequest("notifications/cancelled", { requestId: 1 });
    const { id, ...body } = (await request.clone().json()) as Record<string, unknown>;
    const response = await new Cloud().endpoint().handle(instead(request, body), call());
    expect([id, response.status, await response.text()]).toEqual([1, 202, ""]);
  });

  test("an answer to nothing is refused [http26-one-message]", async () => {
    const request = modernRequest("ping");
    const [status] = await answer(instead(request, { jsonrpc: "2.0", id: 1, result: {} }));
    expect(status).toBe(400);
  });

  test.each([
    ["tools/list", {}],
    ["tools/call", ECHO],
    ["server/discover", {}],
  ])(
    "a result of %s says its type and its server [http26-result-type] [http26-server-info]",
    async (method, params) => {
      const [, { result }] = await answer(modernRequest(method, params));
      expect(result.resultType).toBe("complete");
      expect(result._meta["io.modelcontextprotocol/serverInfo"]).toEqual({
        name: "zenode-test",
        version: "1.2.3",
      });
    },
  );

  test("the tools are the same for every caller, so all may share them [http26-lists-independent] [resource-no-shared-cache]", async () => {
    const cloud = new Cloud();
    const lists = await Promise.all(
      [principal("ada"), principal("bob", ["read"]), { ...principal(), tenant: "t-two" }].map(
        async (who) => json(await cloud.endpoint().handle(modernRequest("tools/list"), call(who))),
      ),
    );
    expect(lists[0]?.result.cacheScope).toBe("public");
    expect(lists[1]).toEqual(lists[0]);
    expect(lists[2]).toEqual(lists[0]);
  });

  test("a list is one page with one scope [http26-cache-scope-pages]", async () => {
    const [, { result }] = await answer(modernRequest("tools/list"));
    expect([result.nextCursor, result.cacheScope]).toEqual([undefined, "public"]);
  });

  test("a tool is not handed the client's token [resource-no-passthrough]", async () => {
    const seen: unknown[] = [];
    const spy = defineNativeTool({
      name: "spy",
      title: "spy",
      description: "looks at what it is given",
      input: z.object({}),
      annotations: {},
      scope: "read",
      run: async (_, { mcp, ...rest }) => {
        seen.push(mcp.http?.authInfo, rest);
        return { content: [] };
      },
    });
    const headers = { Authorization: "Bearer secret-token" };
    const request = modernRequest("tools/call", { name: "spy" }, { headers });
    await new Cloud().endpoint({ nativeTools: [spy] }).handle(request, call());
    expect(seen[0]).toMatchObject({ token: "", clientId: "client-1" });
    expect(JSON.stringify(seen)).not.toContain("secret-token");
  });
});

describe("subscriptions", () => {
  test("an acknowledgement is first, a result last, both with the subscription's id [http26-listen-ack] [http26-listen-id] [http26-listen-result]", async () => {
    const response = await new Cloud()
      .endpoint({ limits: { listenMs: 20 } })
      .handle(modernRequest("subscriptions/listen", LISTEN), call());
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const said = await messages(response);
    expect(said[0]?.method).toBe("notifications/subscriptions/acknowledged");
    expect(said[0]?.params._meta[SUBSCRIPTION]).toBe(1);
    expect(said.at(-1)).toMatchObject({ id: 1, result: { _meta: { [SUBSCRIPTION]: 1 } } });
  });

  test("what was not asked for is neither agreed to nor sent [http26-listen-filter]", async () => {
    const request = modernRequest("subscriptions/listen", { notifications: {} });
    const said = await messages(await new Cloud().endpoint().handle(request, call()));
    expect(said[0]?.params.notifications).toEqual({});
    expect(said.map(({ method }) => method)).toEqual([
      "notifications/subscriptions/acknowledged",
      undefined,
    ]);
  });
});

test("streams are not gathered by proxies [http26-no-buffering]", async () => {
  const params = { name: "count", arguments: {} };
  const request = modernRequest("tools/call", params, { meta: { progressToken: 1 } });
  const response = await new Cloud().endpoint().handle(request, call());
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  for await (const { data } of events(response)) expect(data).not.toBe("");
});

describe("requestState", () => {
  const asking: AnyNativeTool = defineNativeTool({
    name: "asking",
    title: "asking",
    description: "keeps its state with the client",
    input: z.object({}),
    annotations: {},
    scope: "read",
    run: async (_, { mcp, requestState }) => {
      const state = mcp.mcpReq.requestState<{ step: number }>();
      if (state) return { content: [{ type: "text", text: `step ${state.step}` }] };
      const minted = await requestState?.mint({ step: 2 }, mcp);
      const inputRequests = { roots: inputRequired.listRoots() };
      return inputRequired({ inputRequests, ...(minted && { requestState: minted }) });
    },
  });
  const params = { name: "asking", arguments: {}, inputResponses: { roots: { roots: [] } } };
  const capabilities = { roots: {} };

  async function round(cloud: Cloud, more: object, who = principal()): Promise<Message> {
    const request = modernRequest("tools/call", { ...params, ...more }, { capabilities });
    return json(await cloud.endpoint({ nativeTools: [asking] }).handle(request, call(who)));
  }

  test("it comes back to whom it was given, in another process", async () => {
    const cloud = new Cloud();
    const { requestState } = (await round(cloud, {})).result;
    const { result } = await round(cloud, { requestState });
    expect(result.content[0].text).toBe("step 2");
  });

  test("changed it is refused [http26-state-integrity]", async () => {
    const cloud = new Cloud();
    const { requestState } = (await round(cloud, {})).result as { requestState: string };
    const middle = Math.floor(requestState.length / 2);
    const other = requestState[middle] === "A" ? "B" : "A";
    const changed = requestState.slice(0, middle) + other + requestState.slice(middle + 1);
    for (const state of [changed, requestState.slice(0, -4), "x"]) {
      const { error, result } = await round(cloud, { requestState: state });
      expect([error?.code, result]).toEqual([-32602, undefined]);
    }
  });

  test("another principal's is refused [http26-state-bound]", async () => {
    const cloud = new Cloud();
    const { requestState } = (await round(cloud, {})).result;
    for (const who of [principal("bob"), { ...principal(), clientId: "client-2" }]) {
      expect((await round(cloud, { requestState }, who)).error?.code).toBe(-32602);
    }
  });
});
