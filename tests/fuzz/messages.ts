import * as fc from "fast-check";
import { PLACES } from "./fuzz-request.ts";
import { anyValue, toJson } from "./json-values.ts";

type Fields = Record<string, unknown>;

export const MODERN = "2026-07-28";
export const LEGACY = ["2025-11-25", "2025-06-18", "2025-03-26"] as const;

const TASKS = "io.modelcontextprotocol/tasks";

const ENVELOPE: Fields = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientInfo": { name: "fuzz", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { extensions: { [TASKS]: {} } },
};

const tool = (name: string, args: Fields): [string, Fields] => [
  "tools/call",
  { name, arguments: args },
];

/** Good requests: what they are changed from. */
const GOOD: readonly (readonly [method: string, params: Fields])[] = [
  ["server/discover", {}],
  ["tools/list", {}],
  ["tools/list", { cursor: "abc" }],
  tool("whoami", {}),
  tool("projects", {}),
  tool("read_file", { project: "p", path: "a.txt", start_line: 1 }),
  tool("list_directory", { project: "p", path: "", depth: 2 }),
  tool("search_files", { project: "p", pattern: "a+", glob: "**/*.py", max_results: 5 }),
  tool("task", { action: "status", task_id: PLACES.task }),
  tool("task", { action: "result", task_id: PLACES.task }),
  tool("test_x_mcp_header", { region: "eu" }),
  ["tasks/get", { taskId: PLACES.task }],
  ["tasks/cancel", { taskId: PLACES.task }],
  ["tasks/update", { taskId: PLACES.task, inputResponses: {} }],
  ["subscriptions/listen", { notifications: { toolsListChanged: true, taskIds: [] } }],
  ["prompts/list", {}],
  ["prompts/get", { name: "test_prompt_with_arguments", arguments: { arg1: "a", arg2: "b" } }],
  ["resources/list", {}],
  ["resources/templates/list", {}],
  ["resources/read", { uri: "test://static-text" }],
  ["resources/read", { uri: "test://template/1/data" }],
  [
    "completion/complete",
    { ref: { type: "ref/prompt", name: "x" }, argument: { name: "a", value: "b" } },
  ],
  ["ping", {}],
  ["logging/setLevel", { level: "error" }],
  ["resources/subscribe", { uri: "test://watched-resource" }],
  ["resources/unsubscribe", { uri: "test://watched-resource" }],
  [
    "initialize",
    { protocolVersion: LEGACY[0], capabilities: {}, clientInfo: { name: "fuzz", version: "1" } },
  ],
  ["notifications/initialized", {}],
  ["notifications/cancelled", { requestId: 1, reason: "enough" }],
  ["notifications/progress", { progressToken: 1, progress: 1 }],
  ["tools/destroy", {}],
  ["__proto__", {}],
];

export interface FuzzMessage {
  readonly message: unknown;
  /** As the headers would have to say. */
  readonly method: string;
  readonly name?: string;
}

/** What is done to a good message: a field at some path gets another value, or goes. */
interface Change {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly remove: boolean;
}

const ids = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(1, "a", 0, "1") },
  { weight: 1, arbitrary: anyValue },
);

const change: fc.Arbitrary<Change> = fc.record({
  path: fc.constantFrom(
    ["id"],
    ["jsonrpc"],
    ["method"],
    ["params"],
    ["result"],
    ["error"],
    ["extra"],
    ["params", "name"],
    ["params", "arguments"],
    ["params", "arguments", "path"],
    ["params", "arguments", "project"],
    ["params", "arguments", "pattern"],
    ["params", "arguments", "task_id"],
    ["params", "arguments", "region"],
    ["params", "arguments", "extra"],
    ["params", "taskId"],
    ["params", "uri"],
    ["params", "cursor"],
    ["params", "requestId"],
    ["params", "level"],
    ["params", "notifications"],
    ["params", "inputResponses"],
    ["params", "requestState"],
    ["params", "task"],
    ["params", "protocolVersion"],
    ["params", "capabilities"],
    ["params", "clientInfo"],
    ["params", "clientInfo", "name"],
    ["params", "_meta"],
    ["params", "_meta", "progressToken"],
    ["params", "_meta", "io.modelcontextprotocol/protocolVersion"],
    ["params", "_meta", "io.modelcontextprotocol/clientCapabilities"],
    ["params", "_meta", "io.modelcontextprotocol/clientInfo"],
    ["params", "_meta", "io.modelcontextprotocol/logLevel"],
  ),
  value: anyValue,
  remove: fc.boolean(),
});

/** A message of one era, good but for up to three changes. */
export function oneMessage(era: "modern" | "legacy"): fc.Arbitrary<FuzzMessage> {
  return fc
    .record({
      good: fc.constantFrom(...GOOD),
      id: ids,
      changes: fc.oneof(
        { weight: 1, arbitrary: fc.constant<Change[]>([]) },
        { weight: 4, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
      ),
    })
    .map(({ good: [method, params], id, changes }) => {
      const meta = era === "modern" ? ENVELOPE : {};
      const message: Fields = structuredClone({
        jsonrpc: "2.0",
        ...(!method.startsWith("notifications/") && { id: null }),
        method,
        params: { ...params, _meta: meta },
      });
      if ("id" in message) message.id = id;
      for (const one of changes) apply(message, one);
      const name = params.name ?? params.uri ?? params.taskId;
      return { message, method, ...(typeof name === "string" && { name }) };
    });
}

function apply(message: Fields, { path, value, remove }: Change): void {
  let place: Fields = message;
  for (const step of path.slice(0, -1)) {
    const next = place[step];
    if (typeof next !== "object" || next === null) return;
    place = next as Fields;
  }
  const last = path.at(-1) ?? "";
  if (remove) delete place[last];
  else place[last] = value;
}

/** What a client answers to requests of ours. */
const reply: fc.Arbitrary<FuzzMessage> = fc
  .record({
    id: fc.oneof(fc.constantFrom<unknown>("s-0123456789ab-0", "s-0123456789ab-999999"), anyValue),
    body: fc.oneof(
      fc.constant({ result: {} }),
      fc.record({ result: anyValue }),
      fc.record({ error: anyValue }),
    ),
  })
  .map(({ id, body }) => ({ message: { jsonrpc: "2.0", id, ...body }, method: "" }));

const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "",
    "{",
    "[]",
    "7",
    "null",
    '"a"',
    '{"jsonrpc":"2.0"}',
    "\ufeff{}",
    "[1,",
    "{}{}",
  ),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom(10, 50_000).map((depth) => "[".repeat(depth)),
  fc.constantFrom(10, 50_000).map((depth) => '{"a":'.repeat(depth) + 1 + "}".repeat(depth)),
  fc.constant('{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"tools/list"}'),
  fc.constant('{"jsonrpc":"2.0","id":1e400,"method":"ping"}'),
  fc.constant('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{"a":1}}}'),
);

export interface FuzzBody {
  readonly text: string;
  readonly about?: FuzzMessage;
}

/** Bodies: mostly one message; also batches, answers, and what is no message at all. */
export function anyBody(era: "modern" | "legacy"): fc.Arbitrary<FuzzBody> {
  const single = fc.oneof(
    { weight: 12, arbitrary: oneMessage(era) },
    { weight: 1, arbitrary: reply },
  );
  return fc.oneof(
    { weight: 12, arbitrary: single.map((about) => ({ text: toJson(about.message), about })) },
    {
      weight: 1,
      arbitrary: fc
        .array(single, { maxLength: 4 })
        .map((batch) => ({ text: toJson(batch.map(({ message }) => message)) })),
    },
    { weight: 2, arbitrary: text.map((only) => ({ text: only })) },
  );
}
