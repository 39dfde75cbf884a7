/**
 * Signals every process of a group. A child spawned with `detached: true` leads a group whose id is its
 * own pid. Returns false where no process of the group is left.
 * @throws RangeError for what kill(2) takes for our own group (0), or for every process there is (1, as -1).
 */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  if (!(leader > 1)) throw new RangeError(`${leader} leads no group of a child.`);
  return signalTarget(-leader, signal);
}

/** Signals one process; false where it is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  return signalTarget(pid, signal);
}

function signalTarget(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw cause;
  }
}
