import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type CallProcess, type Command, type ProcessEnd, UnavailableError } from "@zenode/core";

/** Set for each process of a call, and inherited by what it starts: the call's own mark. */
const MARK = "ZENODE_CALL_PROCESSES";

/** Between two looks at what is left; the kernel tells nobody of the end of what is not its child. */
const LOOK_MS = 5;
/** How long processes that were killed may take to be gone: one that waits for a disk dies late. */
const PATIENCE_MS = 2_000;

/**
 * The processes that a call's tool starts, each the leader of a session and a group. At the call's end
 * they are killed with all of their sessions, all that carries the call's mark in its environment, and
 * all below those. What leaves its session and its parent and clears its environment too escapes here;
 * a container's end takes it along.
 */
export class CallProcesses {
  readonly #mark = `${MARK}=${crypto.randomUUID()}`;
  /** Of the processes that were started: their ids. The kernel gives none again while one of the session lives. */
  readonly #sessions = new Set<number>();
  #isEnded = false;

  start({ file, args, folder, environment = {} }: Command): CallProcess {
    if (this.#isEnded) throw new Error("The call has ended: it starts nothing any more.");
    const [name = MARK, value = ""] = this.#mark.split("=");
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...environment, [name]: value },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    if (child.pid !== undefined) this.#sessions.add(child.pid);
    return {
      pid: child.pid,
      stdout: child.stdout,
      stderr: child.stderr,
      ended: toEnd(child),
      kill: () => killGroup(child),
    };
  }

  /** Kills what is left, and starts nothing after it. @throws UnavailableError when something does not die. */
  async end(): Promise<void> {
    this.#isEnded = true;
    if (this.#sessions.size === 0) return;
    const until = performance.now() + PATIENCE_MS;
    // A process that replaces its program has no environment for a moment: one look is none.
    for (let looks = 0; looks < 2; ) {
      const left = findProcesses(this.#mark, this.#sessions);
      for (const pid of left) kill(pid);
      looks = left.length === 0 ? looks + 1 : 0;
      if (performance.now() > until) {
        throw new UnavailableError(`Processes of a call do not end: ${left.join(", ")}.`);
      }
      await delay(LOOK_MS);
    }
  }
}

async function toEnd(child: ChildProcess): Promise<ProcessEnd> {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal };
}

/** Once its leader was waited for, the number may be another group's. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  kill(-pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}

/** Those of the call that still run: by their session, by their mark, and what is below them. */
function findProcesses(mark: string, sessions: ReadonlySet<number>): readonly number[] {
  const running = [...readProcesses()].filter(({ pid }) => pid !== process.pid);
  const found = new Set(
    running
      .filter(({ pid, session }) => sessions.has(session) || environmentOf(pid).includes(mark))
      .map(({ pid }) => pid),
  );
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { pid, parent } of running) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** By proc(5), `stat`: after the command in parentheses come state, parent, group and session. Those that died and were not waited for run no more. */
function* readProcesses(): Generator<RunningProcess> {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readProc(pid, "stat") : "";
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (session === undefined || state === "Z" || state === "X") continue;
    yield { pid, parent: Number(parent), session: Number(session) };
  }
}

function environmentOf(pid: number): readonly string[] {
  return readProc(pid, "environ").split("\0");
}

function readProc(pid: number, file: "stat" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (cause) {
    // Gone meanwhile, or somebody else's, which is not ours to end.
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return "";
    throw cause;
  }
}
