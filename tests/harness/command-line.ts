import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const ROOT = path.resolve(import.meta.dirname, "../..");
const LAUNCHER = path.join(ROOT, "packages/cli/bin/zenode.mjs");

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** In a process group of its own, as a shell starts it. */
export function launch(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, ...words], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
}

/** Runs a command of `zenode` to its end. */
export async function zenode(...words: string[]): Promise<CommandOutcome> {
  const child = launch(words);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.on("data", (chunk: Buffer) => {
      said[name] += chunk.toString();
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}

/** `zenode start` as a process of its own. */
export interface StartedInstance {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly mcpUrl: string;
  /** Lines of standard output so far; the start message ends at `messageEnd`. */
  readonly lines: readonly string[];
  readonly messageEnd: number;
  readonly stderr: () => string;
  /** Sends SIGTERM to the launcher and waits for its end. */
  stop(): Promise<CommandOutcome>;
  /** As Ctrl-C in a terminal: SIGINT to the launcher's whole group. */
  interrupt(): Promise<CommandOutcome>;
}

const READY = /^zenode ready (http:\/\/127\.0\.0\.1:\d+\/mcp)$/;

/** Resolves once the instance is ready. @throws Error with what it said when it ends before. */
export async function startInstance(...words: string[]): Promise<StartedInstance> {
  const child = launch(["start", ...words]);
  const lines: string[] = [];
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  const ready = Promise.withResolvers<string>();
  createInterface({ input: child.stdout ?? ([] as never) }).on("line", (line) => {
    lines.push(line);
    const url = READY.exec(line)?.[1];
    if (url !== undefined) ready.resolve(url);
  });
  ended.then(
    ([code]) => ready.reject(new Error(`zenode start ended with ${code}: ${stderr}`)),
    ready.reject,
  );
  const mcpUrl = await ready.promise;
  const pid = child.pid ?? 0;
  const outcome = async () => {
    const [code] = await ended;
    return { code, stdout: lines.join("\n"), stderr };
  };
  return {
    child,
    pid,
    mcpUrl,
    lines,
    messageEnd: lines.length,
    stderr: () => stderr,
    stop() {
      child.kill("SIGTERM");
      return outcome();
    },
    interrupt() {
      process.kill(-pid, "SIGINT");
      return outcome();
    },
  };
}
