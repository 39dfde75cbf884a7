import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type LocalCloud, type LocalCloudOptions, signInUser, startLocalCloud } from "@zenode/cli";

/** The whole path on free ports: front, authorizer, Lambda processes, DynamoDB, S3, ECS, workers. */
export interface LocalPath extends LocalCloud {
  readonly state: string;
  /** A bearer token of a local user (`dev`, `alice`, `bob`), signed in through the hosted page. */
  token(user?: string): Promise<string>;
  /** What the services logged, in order. */
  readonly logs: readonly Record<string, unknown>[];
  /** Stops everything; `keep` leaves the state folder for a restart. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

export type PathOptions = Partial<Omit<LocalCloudOptions, "log">>;

export async function startPath(options: PathOptions = {}): Promise<LocalPath> {
  const state = options.state ?? (await mkdtemp(path.join(os.tmpdir(), "zenode-path-")));
  const logs: Record<string, unknown>[] = [];
  const local = await startLocalCloud({
    port: 0,
    ...options,
    state,
    log: (entry) => logs.push(entry),
  });
  return {
    ...local,
    state,
    logs,
    token: (user = "dev") => signInUser(state, user),
    async close({ keep = false } = {}) {
      await local.stop();
      if (!keep) await rm(state, { recursive: true, force: true });
    },
  };
}

/** Error lines of our functions and workers: a refusal is none. */
export function errorLines(local: LocalPath): string[] {
  return local.logs
    .map(({ text }) => String(text ?? ""))
    .filter((text) => text.includes('"level":"error"'));
}
