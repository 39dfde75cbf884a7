import { processMemory } from "../processes/process-identity.ts";
import type { FunctionTemplate } from "../template.ts";
import { exited, timedOut } from "./function-errors.ts";
import type { InvocationRun } from "./invocation-run.ts";

/** How often the memory of a working function is looked at. */
const MEMORY_POLL_MS = 250;

interface Killable {
  readonly pid: number;
  kill(): void;
}

/** Ends the process of an invocation that takes too long or too much memory, or that a fault picked. */
export class InvocationLimits {
  readonly #environment: Killable;
  readonly #timers: NodeJS.Timeout[];
  peakMemoryMb = 0;

  constructor(
    environment: Killable,
    run: InvocationRun,
    limits: { timeoutMs: number; template: FunctionTemplate },
  ) {
    const { timeoutMs, template } = limits;
    this.#environment = environment;
    const onTimeout = () => {
      run.fail(timedOut(run.requestId, template.timeoutSeconds));
      environment.kill();
    };
    const checkMemory = () => {
      const used = this.#measure();
      if (used <= template.memoryMb) return;
      run.fail(exited(run.requestId, { code: null, signal: "SIGKILL" }));
      environment.kill();
    };
    this.#timers = [setTimeout(onTimeout, timeoutMs), setInterval(checkMemory, MEMORY_POLL_MS)];
    const { killAfterMs } = run.request;
    if (killAfterMs !== undefined) {
      this.#timers.push(setTimeout(() => environment.kill(), killAfterMs));
    }
  }

  end(): void {
    this.#measure();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Resident memory now, MiB; 0 where it cannot be known. */
  #measure(): number {
    const memory = processMemory(this.#environment.pid);
    if (memory === undefined) return 0;
    this.peakMemoryMb = Math.max(this.peakMemoryMb, memory.peakMb);
    return memory.residentMb;
  }
}
