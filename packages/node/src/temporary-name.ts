import { readFileSync } from "node:fs";

const PATTERN = /^\.zenode-(\d+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-.{1,2})?$/;

/** For what is being written: it gets its own name when it is whole. Never part of a project. */
export function temporaryName(): string {
  return `.zenode-${process.pid}-${crypto.randomUUID()}`;
}

export function isTemporaryName(name: string): boolean {
  return PATTERN.test(name);
}

/** Whether who began to write it is gone, so that nobody will finish it. */
export function isAbandoned(name: string): boolean {
  const pid = Number(PATTERN.exec(name)?.[1]);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return hasEnded(pid);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** A process that nobody has asked for its exit code keeps its number (Linux, proc_pid_stat(5): state Z, or X). */
function hasEnded(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^[ZX]/.test(text.slice(text.lastIndexOf(")") + 2));
  } catch {
    // No such file system, or it went this moment: the next one who looks will know.
    return false;
  }
}
