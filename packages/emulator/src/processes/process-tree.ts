import { readdirSync, readFileSync } from "node:fs";
import { signalProcess } from "./process-group.ts";
import { processMemory } from "./process-identity.ts";

/** A process and those below it, by what the kernel lists of their children; proc(5), `children`. */
export function processTree(root: number): readonly number[] {
  const tree: number[] = [];
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    tree.push(pid);
    left.push(...childrenOf(pid));
  }
  return tree;
}

export interface MeasuredProcess {
  readonly pid: number;
  /** Resident, MiB. */
  readonly residentMb: number;
}

export function measureTree(root: number): readonly MeasuredProcess[] {
  return processTree(root).flatMap((pid) => {
    const residentMb = processMemory(pid)?.residentMb;
    return residentMb === undefined ? [] : { pid, residentMb };
  });
}

/**
 * SIGKILL to every process that was started with this variable in its environment: also those that
 * left their group and their parent, as a container's do not outlive it.
 */
export function killMarked(variable: string): void {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (readProc(`/proc/${pid}/environ`).split("\0").includes(variable)) {
      signalProcess(pid, "SIGKILL");
    }
  }
}

function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) =>
    readProc(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (cause) {
    if (isUnreadable(cause)) return [];
    throw cause;
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (isUnreadable(cause)) return "";
    throw cause;
  }
}

/** Gone meanwhile, or somebody else's. */
function isUnreadable(cause: unknown): boolean {
  return ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(
    (cause as NodeJS.ErrnoException).code ?? "",
  );
}
