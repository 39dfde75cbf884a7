import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Where a running local instance can be reached; written by `zenode start` into its state folder. */
export interface Instance {
  readonly pid: number;
  readonly mcpUrl: string;
  /** Ports that were taken at the first start and are asked for again, so that tokens stay valid. */
  readonly ports: Readonly<Record<string, number>>;
}

const FILE = "instance.json";

export function readInstance(state: string): Instance | undefined {
  const file = path.join(state, FILE);
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as Instance;
}

/** Written whole or not at all. */
export function writeInstance(state: string, instance: Instance): void {
  const file = path.join(state, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Whether the process that wrote it still runs. */
export function isRunning({ pid }: Instance): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
