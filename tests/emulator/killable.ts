import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Killable {
  readonly endpoint: string;
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Runs a script of ./fixtures that serves and says where, in a process of its own. */
export async function startKillable(script: string, ...args: string[]): Promise<Killable> {
  const path = fileURLToPath(new URL(`./fixtures/${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [endpoint] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    exited.then(() => Promise.reject(new Error(`${script} ended before it served.`))),
  ])) as [string];
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { endpoint, pid: child.pid ?? 0, kill };
}
