import { readdirSync, readFileSync, statSync } from "node:fs";
import { type Clock, SECOND, UnavailableError } from "@zenode/core";

/** A running process, as proc(5) tells of it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly user: number;
}

export interface LeftoverOptions {
  /** This process has its machine (a container) for itself: every other process of its user is a leftover. */
  readonly alone: boolean;
  /** Another user, whose processes are leftovers, too, where this process is alone. */
  readonly user?: number;
}

const INIT = 1;
/** A killed process is gone within milliseconds, unless the kernel holds it. */
const PATIENCE_MS = 5 * SECOND;
const POLL_MS = 10;

/**
 * What was started here and still runs, though the work is over: everything below this process, and
 * in the session or group it leads. A daemon that cut all of these ties is known only where this
 * process is alone.
 */
export function leftoversOf(
  processes: readonly ProcessFacts[],
  self: number,
  { alone, user: other }: LeftoverOptions,
): readonly number[] {
  const own = processes.find(({ pid }) => pid === self);
  if (!own) return [];
  const others = processes.filter(({ pid }) => pid !== self && pid !== INIT);
  if (alone)
    return others.filter(({ user }) => user === own.user || user === other).map(({ pid }) => pid);
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  return others
    .filter(
      ({ pid, group, session }) =>
        group === self || session === self || isBelow(pid, self, parents),
    )
    .map(({ pid }) => pid);
}

function isBelow(pid: number, top: number, parents: ReadonlyMap<number, number>): boolean {
  // Read one after the other, parents may form a circle where an id was used again.
  const seen = new Set<number>();
  let at: number | undefined = pid;
  while (at !== undefined && !seen.has(at)) {
    if (at === top) return true;
    seen.add(at);
    at = parents.get(at);
  }
  return false;
}

/** SIGKILL to what is left over; gives how many there were. */
export function killLeftovers(options: LeftoverOptions): number {
  const leftovers = leftoversOf(readProcesses(), process.pid, options);
  for (const pid of leftovers) kill(pid);
  return leftovers.length;
}

/** Nothing that was started here runs any longer when this returns. @throws UnavailableError when something can't be ended. */
export async function endLeftovers(options: LeftoverOptions, clock: Clock): Promise<void> {
  const until = clock.now() + PATIENCE_MS;
  for (let left = killLeftovers(options); left > 0; left = killLeftovers(options)) {
    if (clock.now() > until) throw new UnavailableError(`${left} processes of a job do not end.`);
    // Nobody tells of the end of a process that is not one's own child.
    await clock.sleep(POLL_MS);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}

function readProcesses(): readonly ProcessFacts[] {
  return readdirSync("/proc")
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((pid) => readProcess(pid) ?? []);
}

/** proc(5): after the command in parentheses come state (3), parent (4), group (5), session (6). A zombie is none. */
function readProcess(pid: number): ProcessFacts | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return undefined;
    const [parent = 0, group = 0, session = 0] = fields.slice(0, 3).map(Number);
    return { pid, parent, group, session, user: statSync(`/proc/${pid}`).uid };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw cause;
  }
}
