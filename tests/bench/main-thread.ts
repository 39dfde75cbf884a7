import { readFileSync } from "node:fs";

const NS_PER_MS = 1e6;

/**
 * Milliseconds that a process's main thread has been on a CPU (Linux, sched-stats.rst): other work on
 * the machine does not count into it. Undefined where the system does not tell.
 */
export function mainThreadMs(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / NS_PER_MS;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
}
