import { spawn } from "node:child_process";
import { once } from "node:events";
import type { CallProcess, Command, ProcessEnd } from "@zenode/core";

/** A process without the care that a worker takes of it: tests wait for theirs. */
export function startProcess({ file, args, folder, environment = {} }: Command): CallProcess {
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const toEnd = async (event: "exit" | "close"): Promise<ProcessEnd> => {
    const [code, signal] = (await once(child, event)) as [number | null, string | null];
    return { code, signal };
  };
  const exited = toEnd("exit");
  // Who waits for `ended` is told.
  exited.catch(() => undefined);
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    ended: toEnd("close"),
    kill: () => void child.kill("SIGKILL"),
  };
}
