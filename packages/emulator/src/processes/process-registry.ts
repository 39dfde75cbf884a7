import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { signalGroup } from "./process-group.ts";
import { ProcessGuard } from "./process-guard.ts";
import { processStart } from "./process-identity.ts";

interface RegisteredProcess {
  readonly pid: number;
  /** See `processStart`. */
  readonly startedAt: string;
}

/**
 * The processes a service started, kept so that none outlives the emulator: a guard kills them when the
 * emulator dies, and what even the guard missed is killed by the file at the next start. Every process
 * must lead its own group (`detached: true`).
 *
 * File: JSON lines `{pid, startedAt}`, replaced as a whole at each change.
 */
export class ProcessRegistry {
  readonly #file: string;
  readonly #guard = new ProcessGuard();
  /** By pid: when it started, where the system tells. */
  readonly #processes = new Map<number, string | undefined>();
  /** Pids of the last run that were still alive and have been killed by `open`. */
  readonly killed: readonly number[];

  private constructor(file: string, killed: readonly number[]) {
    this.#file = file;
    this.killed = killed;
  }

  /** Kills the leftovers of the last run named in `file`, then starts empty. */
  static open(file: string): ProcessRegistry {
    mkdirSync(dirname(file), { recursive: true });
    const registry = new ProcessRegistry(
      file,
      readRegistered(file).filter(killLeftover).map(pidOf),
    );
    registry.#save();
    return registry;
  }

  /** Call in the same tick as the spawn. */
  add(pid: number): void {
    this.#processes.set(pid, processStart(pid));
    this.#guard.add(pid);
    this.#save();
  }

  remove(pid: number): void {
    if (!this.#processes.delete(pid)) return;
    this.#guard.remove(pid);
    this.#save();
  }

  /** Kills what is still registered and lets the guard go. */
  close(): void {
    for (const pid of this.#processes.keys()) signalGroup(pid, "SIGKILL");
    this.#processes.clear();
    this.#save();
    this.#guard.close();
  }

  #save(): void {
    const lines = [...this.#processes].flatMap(([pid, startedAt]) =>
      startedAt === undefined ? [] : `${JSON.stringify({ pid, startedAt })}\n`,
    );
    const next = `${this.#file}.next`;
    writeFileSync(next, lines.join(""));
    renameSync(next, this.#file);
  }
}

function readRegistered(file: string): RegisteredProcess[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as RegisteredProcess);
}

/** The start time tells whether the pid still names the process that was registered. */
function killLeftover({ pid, startedAt }: RegisteredProcess): boolean {
  return processStart(pid) === startedAt && signalGroup(pid, "SIGKILL");
}

const pidOf = ({ pid }: RegisteredProcess) => pid;
