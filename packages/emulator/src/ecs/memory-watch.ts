import { signalProcess } from "../processes/process-group.ts";
import { measureTree } from "../processes/process-tree.ts";

const LOOK_MS = 100;

/** A container's memory limit: over it the largest process is killed, as the kernel does in its cgroup. */
export class MemoryWatch {
  readonly #leader: number;
  readonly #limitMb: number;
  readonly #timer: NodeJS.Timeout;
  #killed: number | undefined;

  /** `leader`: the container's first process. */
  constructor(leader: number, limitMb: number) {
    this.#leader = leader;
    this.#limitMb = limitMb;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /** Whether it was the container's first process that was killed, and the container with it. */
  get killedLeader(): boolean {
    return this.#killed === this.#leader;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const processes = measureTree(this.#leader);
    const usedMb = processes.reduce((sum, { residentMb }) => sum + residentMb, 0);
    if (usedMb <= this.#limitMb) return;
    const [largest] = [...processes].sort((a, b) => b.residentMb - a.residentMb);
    if (largest === undefined) return;
    this.#killed = largest.pid;
    signalProcess(largest.pid, "SIGKILL");
  }
}
