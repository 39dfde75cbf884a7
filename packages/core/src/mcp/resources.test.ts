import { describe, expect, test } from "vitest";
import { Cloud, call } from "./endpoint-harness.ts";
import { initialize, json, legacyPost, type Message, modernRequest, rpc } from "./wire-harness.ts";

const FILES = { "README.md": "# app", "src/a.ts": "let a;", "src/b.png": Uint8Array.of(137, 0) };

type Ask = (method: string, params?: Record<string, unknown>) => Promise<Message>;

/** The same question on each leg, by another process each time. */
const LEGS: readonly [string, number, (cloud: Cloud) => Promise<Ask>][] = [
  [
    "2026-07-28",
    -32602,
    async (cloud) => async (method, params) =>
      json(await cloud.endpoint().handle(modernRequest(method, params), call())),
  ],
  ...["2025-11-25", "2025-06-18", "2025-03-26"].map(
    (version): [string, number, (cloud: Cloud) => Promise<Ask>] => [
      version,
      -32002,
      async (cloud) => {
        const session = await initialize(cloud.endpoint(), call(), version);
        return async (method, params) =>
          json(await cloud.endpoint().handle(legacyPost(rpc(method, params), session), call()));
      },
    ],
  ),
];

describe.each(LEGS)("revision %s", (_, notFound, connect) => {
  async function start(): Promise<Ask> {
    const cloud = new Cloud();
    await cloud.push("app", FILES);
    return connect(cloud);
  }

  test("lists files, a template, and reads them", async () => {
    const ask = await start();
    const { result } = await ask("resources/list");
    expect(result.resources.map(({ uri }: { uri: string }) => uri)).toEqual([
      "zenode://app/README.md",
      "zenode://app/src/a.ts",
      "zenode://app/src/b.png",
    ]);
    const templates = (await ask("resources/templates/list")).result.resourceTemplates;
    expect(templates[0].uriTemplate).toBe("zenode://{project}/{+path}");
    const read = await ask("resources/read", { uri: "zenode://app/src/b.png" });
    expect(read.result.contents).toEqual([
      { uri: "zenode://app/src/b.png", mimeType: "image/png", blob: "iQA=" },
    ]);
  });

  test("a resource that is not there has the revision's own code", async () => {
    const ask = await start();
    for (const uri of ["zenode://app/none", "zenode://app/src", "other://x"]) {
      const { error } = await ask("resources/read", { uri });
      expect([error.code, error.data]).toEqual([notFound, { uri }]);
    }
  });

  test("a cursor of nobody's is -32602", async () => {
    const ask = await start();
    for (const cursor of ["x", "%", encodeURIComponent('["zenode://","%"]'), '["other://"]']) {
      expect((await ask("resources/list", { cursor })).error.code).toBe(-32602);
    }
  });

  test("prompts are listed, built, and refused with what is missing", async () => {
    const ask = await start();
    const { prompts } = (await ask("prompts/list")).result;
    expect(prompts.map(({ name }: { name: string }) => name)).toEqual(["review", "rewrite"]);
    const built = await ask("prompts/get", { name: "review", arguments: { project: "app" } });
    expect(built.result.messages[0].content.text).toBe("Review app, snapshot 1, all of it.");
    const missing = await ask("prompts/get", { name: "review" });
    expect([missing.error.code, missing.error.message]).toEqual([
      -32602,
      "The prompt review needs: project.",
    ]);
    const unknown = await ask("prompts/get", { name: "review", arguments: { project: "nope" } });
    expect([unknown.error.code, unknown.error.message]).toEqual([
      -32602,
      "There is no project nope. There are: app.",
    ]);
    expect((await ask("prompts/get", { name: "none" })).error.code).toBe(-32602);
  });

  test("templates and prompts are completed", async () => {
    const ask = await start();
    const template = { type: "ref/resource", uri: "zenode://{project}/{+path}" };
    const path = await ask("completion/complete", {
      ref: template,
      argument: { name: "path", value: "src/" },
      context: { arguments: { project: "app" } },
    });
    expect(path.result.completion).toEqual({
      values: ["src/a.ts", "src/b.png"],
      total: 2,
      hasMore: false,
    });
    const prompt = await ask("completion/complete", {
      ref: { type: "ref/prompt", name: "review" },
      argument: { name: "project", value: "a" },
    });
    expect(prompt.result.completion.values).toEqual(["app"]);
    const unknown = await ask("completion/complete", {
      ref: { type: "ref/prompt", name: "none" },
      argument: { name: "x", value: "" },
    });
    expect(unknown.error.code).toBe(-32602);
  });
});

test("answers of 2026-07-28 say how long they are good, and for whom", async () => {
  const cloud = new Cloud();
  await cloud.push("app", FILES);
  const hints = async (method: string, params = {}) => {
    const { result } = await json(
      await cloud.endpoint().handle(modernRequest(method, params), call()),
    );
    return [result.ttlMs, result.cacheScope];
  };
  for (const method of [
    "server/discover",
    "tools/list",
    "prompts/list",
    "resources/templates/list",
  ]) {
    expect(await hints(method)).toEqual([300_000, "public"]);
  }
  expect(await hints("resources/list")).toEqual([5_000, "private"]);
  expect(await hints("resources/read", { uri: "zenode://app/README.md" })).toEqual([
    5_000,
    "private",
  ]);
});

test("a long list comes in pages, and another tenant's is its own", async () => {
  const cloud = new Cloud();
  await cloud.push("app", FILES);
  const endpoint = cloud.endpoint({ limits: { pageSize: 2 } });
  const list = async (params: object, who = call()) =>
    (await json(await endpoint.handle(modernRequest("resources/list", { ...params }), who))).result;
  const first = await list({});
  expect(first.resources).toHaveLength(2);
  const second = await list({ cursor: first.nextCursor });
  expect(second.resources).toHaveLength(1);
  expect(second.nextCursor).toBeUndefined();
  const { principal } = call();
  const foreign = await list({}, call({ ...principal, tenant: "t-two" }));
  expect(foreign.resources).toEqual([]);
});
