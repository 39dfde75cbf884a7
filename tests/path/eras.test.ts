import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zenode } from "../harness/command-line.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";
import { answerOf, postLegacy, postModern, startSession } from "../harness/wire.ts";

const INFO = { name: "zenode-tests", version: "1.0.0" };
const FILES = ["README.md", "src/main.ts", "src/with space.txt"];

let local: LocalPath;
let folder: string;
let token: string;
const served: number[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-eras-"));
  await mkdir(path.join(folder, "src"));
  await Promise.all(FILES.map((file) => writeFile(path.join(folder, file), `# ${file}\n`)));
  local = await startPath({
    emulator: {
      lambda: {
        rotation: { kind: "strict", minProcesses: 3 },
        report: ({ function: name, pid }) => {
          if (name === "mcp") served.push(pid);
        },
      },
    },
  });
  token = await local.token();
  await push();
});

afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

async function push(): Promise<void> {
  const { code, stderr } = await zenode(
    "push",
    folder,
    "--project",
    "eras",
    "--state",
    local.state,
  );
  expect(code, stderr).toBe(0);
}

interface Reader {
  uris(): Promise<string[]>;
  text(uri: string): Promise<string | undefined>;
  prompt(project: string): Promise<string>;
  complete(typed: string): Promise<string[]>;
  tool(): Promise<string>;
  close(): Promise<void>;
}

const authorized = () => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

async function connectModern(): Promise<Reader> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  const authProvider = { token: async () => token };
  await client.connect(new ModernTransport(new URL(local.mcpUrl), { authProvider }));
  return toReader(client as unknown as Client);
}

async function connectLegacy(): Promise<Reader> {
  const client = new Client(INFO);
  const transport = new StreamableHTTPClientTransport(new URL(local.mcpUrl), authorized());
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return toReader(client);
}

async function connectOld(): Promise<Reader> {
  const client = new Client(INFO);
  const transport = new SSEClientTransport(new URL("/sse", local.mcpUrl), authorized());
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return toReader(client);
}

const TEMPLATE = { type: "ref/resource", uri: "zenode://{project}/{+path}" } as const;

function toReader(client: Client): Reader {
  return {
    uris: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    text: async (uri) => {
      const [content] = (await client.readResource({ uri })).contents;
      return content && "text" in content ? String(content.text) : undefined;
    },
    prompt: async (project) => {
      const { messages } = await client.getPrompt({
        name: "review_project",
        arguments: { project },
      });
      const content = messages[0]?.content;
      return content?.type === "text" ? content.text : "";
    },
    complete: async (typed) => {
      const argument = { name: "path", value: typed };
      const context = { arguments: { project: "eras" } };
      return (await client.complete({ ref: TEMPLATE, argument, context })).completion.values;
    },
    tool: async () => {
      const args = { name: "read_file", arguments: { project: "eras", path: "README.md" } };
      const { content } = (await client.callTool(args)) as { content: { text?: string }[] };
      return content[0]?.text ?? "";
    },
    close: () => client.close(),
  };
}

describe.each([
  ["2026-07-28", connectModern],
  ["2025-11-25", connectLegacy],
  ["2024-11-05's transport", connectOld],
] as const)("a client of %s", (_, connect) => {
  let reader: Reader;

  beforeAll(async () => {
    reader = await connect();
  });
  afterAll(() => reader.close());

  test("lists and reads files, is given prompts and completions, calls tools", async () => {
    expect(await reader.uris()).toEqual([
      "zenode://eras/README.md",
      "zenode://eras/src/main.ts",
      "zenode://eras/src/with%20space.txt",
    ]);
    expect(await reader.text("zenode://eras/src/with%20space.txt")).toBe("# src/with space.txt\n");
    expect(await reader.prompt("eras")).toContain('the project "eras" (snapshot 1)');
    expect(await reader.complete("src/")).toEqual(["src/main.ts", "src/with space.txt"]);
    expect(await reader.tool()).toBe("# README.md\n");
  });

  test("is told that a file is not there, and goes on", async () => {
    await expect(reader.text("zenode://eras/none")).rejects.toThrow("There is no none");
    expect(await reader.tool()).toBe("# README.md\n");
  });
});

test("a resource that is not there has each era's own code", async () => {
  const uri = "zenode://eras/none";
  const modern = await answerOf(
    await postModern(local.mcpUrl, "resources/read", { uri }, { token }),
  );
  expect(modern.error).toMatchObject({ code: -32602, data: { uri } });
  const headers = await startSession(local.mcpUrl, token);
  const legacy = await answerOf(
    await postLegacy(local.mcpUrl, "resources/read", { token, headers, params: { uri } }),
  );
  expect(legacy.error).toMatchObject({ code: -32002, data: { uri } });
});

test("a push tells a subscribed client of SDK v1 that a file has changed, on the session's own stream", async () => {
  const client = new Client(INFO);
  const told = Promise.withResolvers<string>();
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    told.resolve(params.uri);
  });
  const transport = new StreamableHTTPClientTransport(new URL(local.mcpUrl), authorized());
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  const uri = "zenode://eras/README.md";
  await client.subscribeResource({ uri });
  // The client comes back to its stream by itself after a while; this is the same, at once.
  await transport.resumeStream("000000000000.0");
  await writeFile(path.join(folder, "README.md"), "# changed\n");
  await push();
  expect(await told.promise).toBe(uri);
  await client.close();
});

test("the requests went to several processes", () => {
  expect(new Set(served).size).toBeGreaterThanOrEqual(3);
});
