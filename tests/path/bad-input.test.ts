import { afterAll, beforeAll, expect, test } from "vitest";
import { expectClean } from "../harness/clean-answer.ts";
import { zenode } from "../harness/command-line.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";
import { type RealTree, realTree } from "../harness/real-tree.ts";
import {
  ACCEPT,
  answerOf,
  type Message,
  post,
  postLegacy,
  postModern,
  type RequestOptions,
  startSession,
  textOf,
} from "../harness/wire.ts";

const MB = 1024 * 1024;

let local: LocalPath;
let tree: RealTree;
let token: string;
let session: Record<string, string>;

beforeAll(async () => {
  [local, tree] = await Promise.all([startPath(), realTree(["vite"])]);
  const pushed = await zenode("push", tree.folder, "--project", "p", "--state", local.state);
  expect(pushed.code, pushed.stderr).toBe(0);
  token = await local.token();
  session = await startSession(local.mcpUrl, token);
});
afterAll(async () => {
  await local.close();
  await tree.remove();
});

/** Sends a request of 2026-07-28 whose envelope is right, but for what `headers` says. */
const modern = (method: string, params: object = {}, headers: Record<string, string> = {}) =>
  postModern(local.mcpUrl, method, { ...params }, { token, headers });
const raw = (body: string, headers: RequestOptions["headers"] = {}) =>
  post(local.mcpUrl, body, { token, headers });
const legacy = (method: string, headers: Record<string, string> = session, params: object = {}) =>
  postLegacy(local.mcpUrl, method, { token, headers, params: { ...params } });
const get = (headers: Record<string, string>) =>
  fetch(local.mcpUrl, {
    headers: { authorization: `Bearer ${token}`, accept: ACCEPT, ...headers },
  });

interface Case {
  readonly send: () => Promise<Response>;
  readonly status: number;
  /** Of the JSON-RPC error; absent: the answer is not JSON-RPC. */
  readonly code?: number;
}

const UNKNOWN_SESSION = "00000000-0000-4000-8000-000000000000";

const refused: Readonly<Record<string, Case>> = {
  "malformed JSON": { send: () => raw('{"jsonrpc":'), status: 400, code: -32700 },
  "an empty body": { send: () => raw(""), status: 400, code: -32700 },
  "JSON that is no message": { send: () => raw("[]"), status: 400, code: -32600 },
  "JSON that is a number": { send: () => raw("7"), status: 400, code: -32600 },
  "JSON nested 100,000 deep": {
    send: () => raw(`${"[".repeat(100_000)}${"]".repeat(100_000)}`),
    status: 400,
    code: -32600,
  },
  "bytes that are no UTF-8": {
    send: () =>
      fetch(local.mcpUrl, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          accept: ACCEPT,
        },
        body: new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x7d]),
      }),
    status: 400,
    code: -32700,
  },
  "another content type": {
    send: () => raw("{}", { "content-type": "text/plain" }),
    status: 415,
    code: -32000,
  },
  "an unknown method": { send: () => modern("tools/destroy"), status: 404, code: -32601 },
  "an unknown tool": {
    send: () => modern("tools/call", { name: "rm_rf", arguments: {} }),
    status: 200,
    code: -32602,
  },
  "params that are no object": {
    send: () => raw('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":7}', session),
    status: 400,
    code: -32600,
  },
  "a method that its header does not name [http26-method-header]": {
    send: () => modern("tools/list", {}, { "mcp-method": "tools/call" }),
    status: 400,
    code: -32020,
  },
  "a protocol version nobody speaks [http26-version-header]": {
    send: () => modern("tools/list", {}, { "mcp-protocol-version": "1999-01-01" }),
    status: 400,
    code: -32020,
  },
  "a page of another site [http25-origin]": {
    send: () => modern("tools/list", {}, { origin: "https://evil.example" }),
    status: 403,
    code: -32000,
  },
  "no session": { send: () => legacy("tools/list", {}), status: 400, code: -32000 },
  "a session that does not exist": {
    send: () => legacy("tools/list", { "mcp-session-id": UNKNOWN_SESSION }),
    status: 404,
    code: -32000,
  },
  "a session id that is none": {
    send: () => legacy("tools/list", { "mcp-session-id": "../../etc/passwd" }),
    status: 404,
    code: -32000,
  },
  "a session's request in a version not served": {
    send: () => legacy("tools/list", { ...session, "mcp-protocol-version": "2024-01-01" }),
    status: 400,
    code: -32000,
  },
  "a tool's name that is no text": {
    send: () => modern("tools/call", { name: 7 }),
    status: 200,
    code: -32602,
  },
  "arguments that are no object": {
    send: () => legacy("tools/call", session, { name: "whoami", arguments: 7 }),
    status: 200,
    code: -32602,
  },
  "an initialize that is none": {
    send: () => legacy("initialize", {}, { protocolVersion: 7, capabilities: "none" }),
    status: 400,
    code: -32602,
  },
  "a Last-Event-ID that is none": {
    send: () => get({ ...session, "last-event-id": "'; DROP TABLE streams" }),
    status: 400,
    code: -32000,
  },
  "a Last-Event-ID of no stream": {
    send: () => get({ ...session, "last-event-id": "0123456789ab.3" }),
    status: 404,
    code: -32000,
  },
  "a GET with nothing to resume": { send: () => get(session), status: 405, code: -32000 },
  "a DELETE without a session": {
    send: () =>
      fetch(local.mcpUrl, { method: "DELETE", headers: { authorization: `Bearer ${token}` } }),
    status: 400,
    code: -32000,
  },
  "a body over 4 MiB": {
    send: () => raw(JSON.stringify({ pad: "x".repeat(4.5 * MB) })),
    status: 413,
    code: -32000,
  },
  "a body over what a function takes": {
    send: () => raw(JSON.stringify({ pad: "x".repeat(6.5 * MB) })),
    status: 413,
  },
  "a body over what the gateway takes": {
    send: () => raw(JSON.stringify({ pad: "x".repeat(11 * MB) })),
    status: 413,
  },
  "a method that the gateway has no route for": {
    send: () => fetch(local.mcpUrl, { method: "PUT", body: "{}" }),
    status: 403,
  },
  "an address that does not exist": {
    send: () => fetch(new URL("/nothing/here", local.mcpUrl)),
    status: 403,
  },
  "a document that does not exist": {
    send: () => fetch(new URL("/.well-known/openid-configuration/../secrets", local.mcpUrl)),
    status: 404,
  },
};

test.each(Object.keys(refused))("%s is refused", async (name) => {
  const { send, status, code } = refused[name] as Case;
  const response = await send();
  const text = await response.text();
  expectClean(text);
  expect(response.status, text).toBe(status);
  if (code === undefined) return;
  expect(JSON.parse(text)).toMatchObject({
    jsonrpc: "2.0",
    error: { code, message: expect.stringMatching(/\w/) },
  });
});

test("an unknown method of a session is the protocol's own error", async () => {
  const { error } = await answerOf(await legacy("tools/destroy"));
  expect(error).toMatchObject({ code: -32601 });
});

const call = async (name: string, args: object): Promise<Message> => {
  const answer = await answerOf(await modern("tools/call", { name, arguments: args }));
  expectClean(JSON.stringify(answer));
  return answer;
};

test.each([
  ["a missing argument", "read_file", {}, /path/],
  ["an argument of another type", "read_file", { path: 7 }, /path: .*string/],
  ["a number out of range", "list_directory", { depth: 0 }, /depth/],
  ["an empty pattern", "search_files", { pattern: "" }, /pattern/],
  ["a pattern that is none", "search_files", { pattern: "(" }, /pattern|parenthes|expression/i],
  ["look-around", "search_files", { pattern: "(?=a)" }, /pattern|look|expression/i],
  ["a path that climbs", "read_file", { path: "../../etc/passwd" }, /can't be used/],
  ["a path that climbs from below", "read_file", { path: "vite/../../x" }, /can't be used/],
  ["an absolute path", "read_file", { path: "/etc/passwd" }, /can't be used/],
  ["a NUL byte", "read_file", { path: "vite/package.json\0.txt" }, /can't be used/],
  ["backslashes", "read_file", { path: "..\\..\\windows\\win.ini" }, /can't be used/],
  ["a lone surrogate", "read_file", { path: "a\ud800" }, /can't be used|valid/],
  ["a path without end", "read_file", { path: "a/".repeat(4_000) }, /path/],
  ["a file that is not there", "read_file", { path: "__proto__" }, /__proto__/],
  ["a directory for a file", "read_file", { path: "vite" }, /vite/],
  ["a climbing directory", "list_directory", { path: ".." }, /can't be used/],
  ["a climbing search", "search_files", { pattern: "x", path: "../.." }, /can't be used/],
  ["a project with a slash", "read_file", { project: "a/b", path: "x" }, /project/],
  ["a project that climbs", "read_file", { project: "../p", path: "x" }, /project/],
  ["an unknown project", "workspace_report", { project: "nope" }, /no project nope/],
  ["a task that is none", "task", { action: "result", task_id: "task_1" }, /no task/],
  ["an action that is none", "task", { action: "delete", task_id: "x" }, /action/],
])("%s: the model is told how to mend it", async (_, tool, args, said) => {
  const { result } = await call(tool, args);
  expect(result?.isError, JSON.stringify(result)).toBe(true);
  expect(textOf({ result: result ?? {} })).toMatch(said);
});

test("arguments over a tool's limit are refused with both sizes", async () => {
  const { result } = await call("search_files", { pattern: "x", pad: "y".repeat(300_000) });
  expect(result).toMatchObject({ isError: true });
  expect(textOf({ result: result ?? {} })).toMatch(/are \d+ bytes; at most 262144/);
});

test("keys of JavaScript's own in arguments change nothing", async () => {
  const body = `{"path":"vite/package.json","__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}`;
  const { result } = await call("read_file", JSON.parse(body));
  expect(result?.isError ?? false).toBe(false);
});

test("the next good request is answered, and nothing was logged as an error", async () => {
  expect((await answerOf(await modern("tools/list"))).result?.tools).toBeInstanceOf(Array);
  expect((await answerOf(await legacy("tools/list"))).result?.tools).toBeInstanceOf(Array);
  expect(errorLines(local)).toEqual([]);
});
