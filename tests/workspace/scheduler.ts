/** What waits for its turn; without an owner it goes on whoever dies. */
interface Turn {
  readonly owner: Mortal | undefined;
  run(): void;
}

/** Whoever can die: nothing of it runs afterwards. */
export interface Mortal {
  readonly dead: boolean;
}

/**
 * Decides at every store call who goes on. A call waits until nothing else can happen, then one of those that wait is
 * drawn: so the order is the random numbers' alone, and the same numbers are the same run.
 */
export class Scheduler {
  readonly #random: () => number;
  #turns: Turn[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Makes a call when its turn comes; never, if its owner is dead by then. */
  call<T>(owner: Mortal, effect: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#turns.push({ owner, run: () => void effect().then(resolve, reject) });
    });
  }

  /** Makes a call some time later, whoever is dead by then; nobody is told of its end. */
  later(effect: () => Promise<unknown>): void {
    const run = () => void effect().catch(() => undefined);
    this.#turns.push({ owner: undefined, run });
  }

  /**
   * Runs tasks at once, until each has ended or its owner is dead, and no call is left.
   * @throws Error when a task waits for something that is no call.
   */
  async run(tasks: readonly { readonly owner: Mortal; run(): Promise<void> }[]): Promise<void> {
    const left = new Set(tasks);
    for (const task of tasks) void task.run().finally(() => left.delete(task));
    for (;;) {
      await quiet();
      this.#turns = this.#turns.filter(({ owner }) => !owner?.dead);
      const [turn] = this.#turns.splice(Math.floor(this.#random() * this.#turns.length), 1);
      if (turn) turn.run();
      else if ([...left].every(({ owner }) => owner.dead)) return;
      else throw new Error(`${left.size} tasks wait, and no call is left.`);
    }
  }
}

/** All promises that can settle have. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
