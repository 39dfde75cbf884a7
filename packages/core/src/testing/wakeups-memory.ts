import { checkWakeSeconds, type Wakeup, type Wakeups } from "../burst/wakeups.ts";

/** Wakeups that are remembered and delivered when the test says so. */
export class MemoryWakeups implements Wakeups {
  #sent: { readonly wakeup: Wakeup; readonly afterSeconds: number }[] = [];

  async wake(wakeup: Wakeup, afterSeconds: number): Promise<void> {
    this.#sent.push({ wakeup, afterSeconds: checkWakeSeconds(afterSeconds) });
  }

  /** What was sent since this was last asked, in order. */
  take(): readonly { readonly wakeup: Wakeup; readonly afterSeconds: number }[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}
