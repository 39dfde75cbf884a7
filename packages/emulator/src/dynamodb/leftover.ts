import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Another emulator is running on the folder; `dir` names it. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
  readonly code = "FOLDER_IN_USE";
  readonly dir: string;
  constructor(dir: string, pid: number) {
    super(`${dir} is in use by the emulator with process id ${pid}.`);
    this.dir = dir;
  }
}

interface PidRecord {
  readonly pid: number;
  /** The process that started it. */
  readonly parent: number;
  /** Clock ticks after boot, from /proc; tells a process from a later one with its number. */
  readonly startTime: string;
}

/** Remembers a child, so that the next start can end it should this process be killed. */
export function recordChild(path: string, pid: number): void {
  const status = processStatus(pid);
  const record: PidRecord = { pid, parent: process.pid, startTime: status?.startTime ?? "" };
  writeFileSync(path, JSON.stringify(record));
}

export function forgetChild(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Ends the child a killed emulator left behind. Only a process that is certainly it: same number, same start
 * and `mark` on its command line. Without /proc (not Linux) nothing is ended.
 * @throws FolderInUseError when its parent still lives
 */
export async function endLeftover(path: string, mark: string): Promise<void> {
  const record = readRecord(path);
  if (record === undefined) return;
  const status = processStatus(record.pid);
  const same = status?.startTime === record.startTime && commandLine(record.pid).includes(mark);
  if (status === undefined || !same) return;
  if (status.parent === record.parent && record.parent !== process.pid) {
    throw new FolderInUseError(mark, record.parent);
  }
  process.kill(record.pid, "SIGKILL");
  // A process that is not our child tells nobody of its end.
  while (processStatus(record.pid)?.startTime === record.startTime) await delay(5);
}

function readRecord(path: string): PidRecord | undefined {
  const text = readIfThere(path);
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as PidRecord;
  } catch (cause) {
    // Half written: its writer was killed before the child could be recorded.
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** Parent and start of a process that lives, zombies left out (proc(5), /proc/pid/stat). */
function processStatus(pid: number): { parent: number; startTime: string } | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  // The second field is the name in brackets, which may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  if (text === "" || state === "Z") return undefined;
  return { parent: Number(parent), startTime: fields[19] ?? "" };
}

function commandLine(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

/** Empty when there is no such file; a process may end between opening and reading its own. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw cause;
  }
}
