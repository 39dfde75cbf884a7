import type { TestClient } from "../harness/clients.ts";
import type { LocalUser } from "../harness/sign-in.ts";

export const STEPS = ["connect", "list", "call", "burst"] as const;
export type Step = (typeof STEPS)[number];

/** What every client is pointed at. */
export interface Target {
  readonly mcpUrl: string;
  readonly token: string;
  /** For clients that sign in by themselves. */
  readonly user: LocalUser;
  /** A folder of the client's own, for its settings. */
  readonly home: string;
  /** Pushed as the only project; served by `zenode stdio`. */
  readonly folder: string;
  /** Files in it. */
  readonly files: number;
  /** Names of all tools, sorted. */
  readonly tools: readonly string[];
  /** `top` of its report: no two clients make the same call, which one job would answer. */
  readonly top: number;
}

/** A client at work. A step it cannot do is absent. Steps run in their order, and throw when something is wrong. */
export interface OpenClient {
  readonly steps: { readonly [S in Step]?: () => Promise<void> };
  /** What it complained about on the way. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

export interface InteropClient {
  readonly name: string;
  /** What it needs and zenode does not have yet. A client that fails in another way, or works, fails the run. */
  readonly absent?: Absence;
  open(target: Target): OpenClient;
}

export interface Absence {
  readonly reason: string;
  /** How the first step fails for that very reason. */
  readonly error: RegExp;
}

/** Steps of a client that keeps a connection. */
export function overConnection(
  target: Target,
  version: string,
  connect: () => Promise<TestClient>,
  complaints: () => readonly string[] = () => [],
): OpenClient {
  let client: TestClient | undefined;
  const connected = (): TestClient => {
    if (client) return client;
    throw new Error("It is not connected.");
  };
  return {
    steps: {
      async connect() {
        client = await connect();
        expectEqual("the revision", client.protocolVersion, version);
      },
      list: async () => expectTools(target, await connected().tools()),
      call: async () => expectWhoami((await connected().call("whoami", {})).structured),
      async burst() {
        const { structured, progress } = await connected().call("workspace_report", {
          top: target.top,
        });
        expectReport(target, structured);
        // Not the last: the SDKs drop a notification that comes in one piece with the answer.
        expectEqual("the total of the progress", progress[0]?.total, target.files);
      },
    },
    complaints,
    close: async () => client?.close(),
  };
}

export function expectTools({ tools }: Target, listed: readonly string[]): void {
  expectEqual("the tools", listed.toSorted().join(" "), tools.join(" "));
}

export function expectWhoami(answer: unknown): void {
  const { user } = (answer ?? {}) as { user?: unknown };
  if (typeof user !== "string") throw new Error(`whoami answered ${JSON.stringify(answer)}`);
}

export function expectReport({ files }: Target, answer: unknown): void {
  const { totals } = (answer ?? {}) as { totals?: { files?: unknown } };
  expectEqual("the report's number of files", totals?.files, files);
}

export function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found === expected) return;
  throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}
