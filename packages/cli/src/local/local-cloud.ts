import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { type Cloud, type CloudOptions, PortTakenError, startCloud } from "@zenode/emulator";
import { CliError } from "../terminal/cli-error.ts";
import { cachedBundles } from "./bundle-cache.ts";
import { type Instance, isRunning, readInstance, writeInstance } from "./instance.ts";
import { loadStateKeys } from "./state-keys.ts";
import { lockState } from "./state-lock.ts";
import { type LocalSettings, localTemplate } from "./template.ts";
import { loadUsers } from "./users.ts";

export interface LocalCloudOptions {
  /** Folder for all state. */
  readonly state: string;
  /** Port of the endpoint; 0: the one used before, else a free one. */
  readonly port: number;
  readonly log: (entry: Record<string, unknown>) => void;
  /** Bundles made before; absent: those of the sources as they are. */
  readonly bundles?: string;
  readonly template?: Partial<Omit<LocalSettings, "bundles" | "users" | "stateKeys" | "workDir">>;
  /** Of the emulator: clock, faults, rotation of processes. */
  readonly emulator?: Partial<CloudOptions>;
}

export interface LocalCloud {
  readonly mcpUrl: string;
  readonly cloud: Cloud;
  stop(): Promise<void>;
}

/** Builds what is deployed and runs it. @throws CliError when a port is taken or the state is in use. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const state = path.resolve(options.state);
  mkdirSync(state, { recursive: true });
  const lock = lockState(state);
  if (!lock) throw new CliError(describeOther(readInstance(state)));
  try {
    const local = await startIn(state, options);
    return {
      ...local,
      async stop() {
        await local.stop();
        lock.release();
      },
    };
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

function describeOther(other: Instance | undefined): string {
  const known = other && isRunning(other);
  const where = known ? `: ${other.mcpUrl} (process ${other.pid})` : "; it has just been started";
  return `zenode already runs with this state folder${where}. Give another one: npm start -- --state DIR`;
}

async function startIn(state: string, options: LocalCloudOptions): Promise<LocalCloud> {
  const before = readInstance(state);
  const bundles = options.bundles ?? (await cachedBundles());
  const users = loadUsers(state);
  const stateKeys = loadStateKeys(state);
  const workDir = emptyFolder(path.join(state, "work"));
  // Where no DynamoDB engine is installed for this platform, any other one will do.
  const dynamodbEndpoint = process.env.ZENODE_DYNAMODB_ENDPOINT;
  const cloud = await launch({
    ...(dynamodbEndpoint && { dynamodbEndpoint }),
    ...options.emulator,
    dir: path.join(state, "cloud"),
    template: localTemplate({ ...options.template, bundles, users, stateKeys, workDir }),
    ports: { ...before?.ports, ...(options.port !== 0 && { front: options.port }) },
    fixedPorts: options.port === 0 ? [] : ["front"],
    log: options.log,
  });
  const mcpUrl = `${cloud.origin}/mcp`;
  writeInstance(state, { pid: process.pid, mcpUrl, ports: cloud.ports });
  return { mcpUrl, cloud, stop: () => cloud.stop() };
}

/** Workers that were killed leave their checkouts behind; here the next start removes them. */
function emptyFolder(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

async function launch(options: CloudOptions): Promise<Cloud> {
  try {
    return await startCloud(options);
  } catch (cause) {
    if (!(cause instanceof PortTakenError)) throw cause;
    throw new CliError(
      `Port ${cause.port} on 127.0.0.1 is taken. Give another one: npm start -- --port 0`,
      { cause },
    );
  }
}
