import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** The progress notifications of a call, and its result, whichever SDK made it. */
export interface CallRecord {
  readonly text: string;
  readonly structured: Record<string, unknown> | undefined;
  readonly isError: boolean;
  readonly progress: readonly {
    readonly progress: number;
    readonly total?: number;
    readonly message?: string;
  }[];
}

export interface TestClient {
  readonly protocolVersion: string | undefined;
  tools(): Promise<string[]>;
  /** `onProgress` is called as each notification comes. */
  call(
    name: string,
    args: Record<string, unknown>,
    onProgress?: () => unknown,
  ): Promise<CallRecord>;
  close(): Promise<void>;
}

const INFO = { name: "zenode-tests", version: "1.0.0" };
const TIMEOUT = { timeout: 60_000, resetTimeoutOnProgress: true };

/** SDK v2, revision 2026-07-28. */
export function connectModern(mcpUrl: string, token: string): Promise<TestClient> {
  return connectModernOver(
    new ModernTransport(new URL(mcpUrl), { authProvider: { token: async () => token } }),
  );
}

export async function connectModernOver(
  transport: Parameters<ModernClient["connect"]>[0],
): Promise<TestClient> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(transport);
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args, told) =>
      record(told, (onprogress) =>
        client.callTool({ name, arguments: args }, { ...TIMEOUT, onprogress }),
      ),
    close: () => client.close(),
  };
}

/** SDK v1, what today's hosts embed: revision 2025-11-25, with a session. */
export async function connectLegacy(mcpUrl: string, token: string): Promise<TestClient> {
  const transport = new LegacyTransport(new URL(mcpUrl), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  const client = await connectLegacyOver(transport as Parameters<typeof connectLegacyOver>[0]);
  return {
    ...client,
    close: async () => {
      await transport.terminateSession();
      await client.close();
    },
  };
}

type LegacyWire = Parameters<LegacyClient["connect"]>[0];

export async function connectLegacyOver(transport: LegacyWire): Promise<TestClient> {
  const client = new LegacyClient(INFO);
  let protocolVersion: string | undefined;
  // The client tells its transport what was negotiated, and nobody else.
  const told = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (version) => {
    protocolVersion = version;
    told?.(version);
  };
  await client.connect(transport);
  return {
    protocolVersion,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args, told) =>
      record(told, (onprogress) =>
        client.callTool({ name, arguments: args }, undefined, { ...TIMEOUT, onprogress }),
      ),
    close: () => client.close(),
  };
}

type OnProgress = (progress: {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}) => void;

async function record(
  told: (() => unknown) | undefined,
  call: (onprogress: OnProgress) => Promise<unknown>,
): Promise<CallRecord> {
  const progress: CallRecord["progress"][number][] = [];
  const result = (await call(({ progress: done, total, message }) => {
    progress.push({
      progress: done,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    });
    told?.();
  })) as {
    content?: { type: string; text?: string }[];
    structuredContent?: Record<string, unknown>;
    isError?: boolean;
  };
  const text = (result.content ?? []).map((block) => block.text ?? `[${block.type}]`).join("\n");
  return { text, structured: result.structuredContent, isError: result.isError ?? false, progress };
}
