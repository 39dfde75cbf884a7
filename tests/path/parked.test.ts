import { afterAll, beforeAll, expect, test } from "vitest";
import { startConformancePath } from "../conformance/local-path.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { type Message, messagesOf, post, postLegacy } from "../harness/wire.ts";

let local: LocalPath;
let token: string;

beforeAll(async () => {
  local = await startConformancePath();
  token = await local.token();
});
afterAll(() => local.close());

async function startAskableSession(): Promise<Record<string, string>> {
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {} },
    clientInfo: { name: "wire", version: "1" },
  };
  const response = await postLegacy(local.mcpUrl, "initialize", { token, params });
  await response.text();
  const id = response.headers.get("mcp-session-id") ?? "";
  return { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
}

/** Takes a stream up until it says something; the server lets go of it while a person is waited for. */
async function resumed(headers: Record<string, string>, last: string): Promise<Message> {
  for (;;) {
    const response = await fetch(local.mcpUrl, {
      headers: {
        ...headers,
        accept: "text/event-stream",
        authorization: `Bearer ${token}`,
        "last-event-id": last,
      },
    });
    expect(response.status).toBe(200);
    for await (const message of messagesOf(response)) return message;
  }
}

test("a question to a person outlives the process that asked it", async () => {
  const headers = await startAskableSession();
  const response = await postLegacy(local.mcpUrl, "tools/call", {
    token,
    headers,
    params: { name: "test_input_required_result_elicitation", arguments: {} },
  });
  // The response ends although the call has no answer: its process has stopped waiting.
  const text = await response.text();
  const last = [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? "";
  const [question] = [...text.matchAll(/^data: (\{.+)$/gm)].map(
    ([, data]) => JSON.parse(data ?? "") as Message,
  );
  expect(question?.method).toBe("elicitation/create");
  const result = { action: "accept", content: { name: "Ada" } };
  const reply = JSON.stringify({ jsonrpc: "2.0", id: question?.id, result });
  const taken = await post(local.mcpUrl, reply, { token, headers });
  expect(taken.status).toBe(202);
  expect(await resumed(headers, last)).toMatchObject({
    id: 1,
    result: { content: [{ text: "Hello, Ada!" }] },
  });
});
