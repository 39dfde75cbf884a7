import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { answerOf, messagesOf, postModern } from "../harness/wire.ts";
import { startGatedPath } from "./gate/gated-path.ts";

let local: LocalPath;
let token: string;

beforeAll(async () => {
  const rotation = { kind: "strict", minProcesses: 4 } as const;
  local = await startGatedPath({ emulator: { lambda: { rotation } } });
  token = await local.token();
});
afterAll(() => local.close());

const INFO = { name: "zenode-tests", version: "1.0.0" };
const CAPABILITIES = { elicitation: { form: {} } };
const TOOLS = ["ask_on_worker", "ask_here"];

/** Answers with the last word of the question. */
const answerTo = (message: string) => message.replace("?", "").split(" ").at(-1) ?? "";
const ANSWERS = "first second second";
const sorted = (messages: readonly string[]) => [...messages].sort();
const questions = (label: string) =>
  sorted([`${label}: first?`, `${label}: second?`, `${label}: first second?`]);

const textOf = (result: unknown) => (result as { content: { text: string }[] }).content[0]?.text;

test.each(TOOLS)("%s asks a client of 2026-07-28 in rounds", async (name) => {
  const client = new ModernClient(INFO, {
    versionNegotiation: { mode: { pin: "2026-07-28" } },
    capabilities: CAPABILITIES,
  });
  const asked: string[] = [];
  client.setRequestHandler("elicitation/create", ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: { answer: answerTo(params.message) } };
  });
  const authProvider = { token: async () => token };
  await client.connect(new ModernTransport(new URL(local.mcpUrl), { authProvider }));
  const result = await client.callTool({ name, arguments: { label: "modern" } });
  expect(textOf(result)).toBe(ANSWERS);
  expect(sorted(asked)).toEqual(questions("modern"));
  await client.close();
});

test.each(TOOLS)("%s asks a client of 2025-11-25 over its session", async (name) => {
  const client = new LegacyClient(INFO, { capabilities: CAPABILITIES });
  const asked: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params.message);
    return { action: "accept", content: { answer: answerTo(params.message) } };
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const transport = new LegacyTransport(new URL(local.mcpUrl), { requestInit });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  const result = await client.callTool({ name, arguments: { label: "legacy" } });
  expect(textOf(result)).toBe(ANSWERS);
  expect(sorted(asked)).toEqual(questions("legacy"));
  await transport.terminateSession();
  await client.close();
});

test.each(TOOLS)("%s tells a client that can't be asked what it would take", async (name) => {
  const params = { name, arguments: { label: "mute" } };
  const response = await postModern(local.mcpUrl, "tools/call", params, { token });
  const { result } = await answerOf(response);
  expect(result).toMatchObject({ isError: true });
  expect(textOf(result)).toContain("does not offer (elicitation/create)");
});

interface Asking {
  readonly status: string;
  readonly inputRequests?: Readonly<Record<string, { params: { message: string } }>>;
  readonly result?: unknown;
}

test("a task's questions come on a listen stream, and its answers go to whatever process", async () => {
  const ask = (method: string, params: Record<string, unknown>) =>
    postModern(local.mcpUrl, method, params, { token, tasks: true, capabilities: CAPABILITIES });
  const params = { name: "ask_on_worker", arguments: { label: "task" } };
  const { result: handle } = await answerOf(await ask("tools/call", params));
  const taskId = handle?.taskId;
  const stream = await ask("subscriptions/listen", { notifications: { taskIds: [taskId] } });
  const seen: string[] = [];
  const asked = new Set<string>();
  let last: Asking | undefined;
  for await (const { method, params: told, result } of messagesOf(stream)) {
    seen.push(method ?? String(result?.resultType));
    if (method !== "notifications/tasks") continue;
    last = told as unknown as Asking;
    for (const [key, { params: form }] of Object.entries(last.inputRequests ?? {})) {
      if (asked.has(key)) continue;
      asked.add(key);
      const answer = { action: "accept", content: { answer: answerTo(form.message) } };
      const update = await ask("tasks/update", { taskId, inputResponses: { [key]: answer } });
      expect((await answerOf(update)).result).toMatchObject({ resultType: "complete" });
    }
  }
  expect(seen[0]).toBe("notifications/subscriptions/acknowledged");
  expect(seen.at(-1)).toBe("complete");
  expect(asked.size).toBe(3);
  expect(last?.status).toBe("completed");
  expect(textOf(last?.result)).toBe(ANSWERS);
});

test("a task that asks can be cancelled", async () => {
  const ask = async (method: string, params: Record<string, unknown>) => {
    const options = { token, tasks: true, capabilities: CAPABILITIES };
    return answerOf(await postModern(local.mcpUrl, method, params, options));
  };
  const params = { name: "ask_on_worker", arguments: { label: "cancelled" } };
  const { result: handle } = await ask("tools/call", params);
  const get = async () => (await ask("tasks/get", { taskId: handle?.taskId })).result;
  await eventually("the question", async () => (await get())?.status === "input_required");
  await ask("tasks/cancel", { taskId: handle?.taskId });
  await eventually("the end", async () => (await get())?.status === "cancelled");
  expect(await get()).not.toHaveProperty("inputRequests");
});
