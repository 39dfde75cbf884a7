import { readdirSync, readFileSync } from "node:fs";

/** A process that a test looks after: its id, and what tells it from a later one with the same id. */
export interface KnownProcess {
  readonly pid: number;
  readonly startedAt: string;
  readonly command: string;
}

interface Stat {
  readonly parent: number;
  readonly state: string;
  readonly startedAt: string;
}

/** proc(5): after the command in parentheses come state (3), parent (4), …, start time (22). */
function readStat(pid: number): Stat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", parent: Number(fields[1]), startedAt: fields[19] ?? "" };
}

/** Undefined when the process has ended, be it while it was read. */
function readProc(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw cause;
  }
}

/** A process and everything below it, as it is now. */
export function processTree(root: number): KnownProcess[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  const stats = new Map(pids.map((pid) => [pid, readStat(pid)]));
  const tree: KnownProcess[] = [];
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    const stat = stats.get(pid);
    if (!stat) continue;
    const command = (readProc(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trim();
    tree.push({ pid, startedAt: stat.startedAt, command });
    for (const [child, of] of stats) if (of?.parent === pid) left.push(child);
  }
  return tree;
}

/** Those that still run; a zombie does not. */
export function stillRunning(processes: readonly KnownProcess[]): KnownProcess[] {
  return processes.filter(({ pid, startedAt }) => {
    const stat = readStat(pid);
    return stat !== undefined && stat.state !== "Z" && stat.startedAt === startedAt;
  });
}
