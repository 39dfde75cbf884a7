import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type CallProcess, type Command, type ProcessEnd, UnavailableError } from "@zenode/core";

/** Set for each process of a call, and inherited by what it starts: the call's own mark. */
const MARK = "ZENODE_CALL_PROCESSES";

/** Between two looks at what is left; the kernel tells nobody of the end of what is not its child. */
const LOOK_MS = 5;
/** How long processes that were killed may take to be gone: one that waits for a disk dies late. */
const PATIENCE_MS = 5_000;

/** What a call's processes take at a moment. */
export interface Usage {
  /** Threads are counted one by one, as the kernel counts them against its limit. */
  readonly processes: number;
  readonly residentBytes: number;
}

/** Of Linux on x64, and of Amazon's on arm64. */
const PAGE_BYTES = 4096;

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
  readonly #user: number | undefined;
  #isEnded = false;

  /** `user`: a user whose processes are all of this call's, whatever else they cut themselves off from. */
  constructor(user?: number) {
    this.#user = user;
  }

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
    const exited = toEnd(child, "exit");
    // Who waits for `ended` is told; nobody needs to wait for both.
    exited.catch(() => undefined);
    return {
      pid: child.pid,
      stdout: child.stdout,
      stderr: child.stderr,
      exited,
      ended: toEnd(child, "close"),
      kill: () => killGroup(child),
    };
  }

  /** What all of them together take now. */
  usage(): Usage {
    const found = this.#find();
    return {
      processes: found.reduce((sum, { threads }) => sum + threads, 0),
      residentBytes: found.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    };
  }

  /** Kills what is left, and starts nothing after it. @throws UnavailableError when something does not die. */
  async end(): Promise<void> {
    this.#isEnded = true;
    if (this.#sessions.size === 0) return;
    const until = performance.now() + PATIENCE_MS;
    // A process that replaces its program has no environment for a moment: one look is none.
    for (let looks = 0; looks < 2; ) {
      const found = this.#find();
      // A whole group at once, first: what forks faster than it is found one by one can't fork then.
      for (const group of new Set(found.map((one) => one.group))) kill(-group);
      const left = found.map(({ pid }) => pid);
      for (const pid of left) kill(pid);
      looks = left.length === 0 ? looks + 1 : 0;
      if (left.length > 0 && performance.now() > until) {
        throw new UnavailableError(
          `${left.length} processes of a call do not end: ${left.slice(0, 10).join(", ")} …`,
        );
      }
      await delay(LOOK_MS);
    }
  }

  /** Those of the call that still run: by their session, their user, their mark, and what is below them. */
  #find(): readonly RunningProcess[] {
    const all = [...readProcesses()];
    const own = all.find(({ pid }) => pid === process.pid);
    // In the worker's own group nothing is the call's: each of its processes leads a session.
    const running = all.filter(({ group }) => group !== own?.group);
    const found = new Set(running.filter((one) => this.#isOwn(one)).map(({ pid }) => pid));
    for (let before = 0; before < found.size; ) {
      before = found.size;
      for (const { pid, parent } of running) if (found.has(parent)) found.add(pid);
    }
    return running.filter(({ pid }) => found.has(pid));
  }

  #isOwn({ pid, session }: RunningProcess): boolean {
    if (this.#sessions.has(session)) return true;
    if (this.#user !== undefined && userOf(pid) === this.#user) return true;
    return environmentOf(pid).includes(this.#mark);
  }
}

async function toEnd(child: ChildProcess, event: "exit" | "close"): Promise<ProcessEnd> {
  const [code, signal] = (await once(child, event)) as [number | null, string | null];
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

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly threads: number;
  readonly residentBytes: number;
}

/** By proc(5), `stat`: after the command in parentheses come state, parent, group and session; threads are field 20, resident pages 24. Those that died and were not waited for run no more. */
function* readProcesses(): Generator<RunningProcess> {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readProc(pid, "stat") : "";
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parent, group, session] = fields;
    if (session === undefined || state === "Z" || state === "X") continue;
    const [threads, residentBytes] = [Number(fields[17]), Number(fields[21]) * PAGE_BYTES];
    const ids = { pid, parent: Number(parent), group: Number(group), session: Number(session) };
    yield { ...ids, threads, residentBytes };
  }
}

function userOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
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
