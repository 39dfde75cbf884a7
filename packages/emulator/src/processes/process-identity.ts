import { readFileSync } from "node:fs";

/** Field 22 of /proc/<pid>/stat (proc(5)); counted after the command name, which may hold spaces. */
const START_TIME = 22 - 3;

/**
 * When a live process started, as a text that no later process with the same pid can have: boot id and
 * clock ticks since boot. Undefined: no such process, or only its zombie, or a system without /proc.
 */
export function processStart(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields[START_TIME];
  if (fields[0] === "Z" || ticks === undefined) return undefined;
  return `${readProc("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}/${ticks}`;
}

export interface ProcessMemory {
  /** Resident now, MiB. */
  readonly residentMb: number;
  /** Most that was ever resident, MiB. */
  readonly peakMb: number;
}

/** Memory of a live process by /proc/<pid>/status; undefined where it cannot be known. */
export function processMemory(pid: number): ProcessMemory | undefined {
  const status = readProc(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const mebibytes = (field: string) => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  };
  const residentMb = mebibytes("VmRSS");
  const peakMb = mebibytes("VmHWM");
  return residentMb === undefined || peakMb === undefined ? undefined : { residentMb, peakMb };
}

const GONE = new Set(["ENOENT", "ESRCH"]);

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (GONE.has((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw cause;
  }
}
