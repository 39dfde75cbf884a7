import { allPages } from "./all-pages.ts";

/** What somebody who is broken off gets from its next request. */
export class BrokenOff extends Error {
  override readonly name = "BrokenOff";
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
}

/** Somebody who waits before each request until it is let on, so that a test decides the order of all requests. */
export class TurnTaker {
  /** When it is broken off at the latest. Milliseconds since the epoch; a new request sets it anew where that matters. */
  deadline = Number.POSITIVE_INFINITY;
  #waiting: Waiting[] = [];
  #isBroken = false;

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Runs to its end or until it is broken off; refusals are what a caller would get. */
  run(work: () => Promise<void>): void {
    void work().catch((cause: Error) => {
      const isExpected = cause instanceof BrokenOff || cause.name === "RefusedError";
      if (!isExpected) throw cause;
    });
  }

  /** Waits to be let on. @throws BrokenOff. */
  turn(): Promise<void> {
    if (this.#isBroken) return Promise.reject(new BrokenOff());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  async letOn(): Promise<void> {
    this.#waiting.shift()?.resolve();
    await settled();
  }

  /** Ends it where it waits; what it has asked for is done, what it would ask next is not. */
  async breakOff(): Promise<void> {
    this.#isBroken = true;
    this.deadline = Number.POSITIVE_INFINITY;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(new BrokenOff());
    await settled();
  }

  /** Whoever called the one that was broken off goes on. */
  revive(): void {
    this.#isBroken = false;
    this.deadline = Number.POSITIVE_INFINITY;
  }

  /** The same object, each call of which waits for a turn; pages come one item at a time, a turn each. */
  gate<Target extends object>(
    target: Target,
    onResult: <Result>(result: Result) => Result = (result) => result,
  ): Target {
    return new Proxy(target, {
      get: (_, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          const call = () => value.apply(target, args) as unknown;
          return isPaged(value) ? this.#pages(call) : this.turn().then(call).then(onResult);
        };
      },
    });
  }

  /** Each page is read when its turn comes, as a store's next page is, after the last key of the one before. */
  async *#pages(call: () => unknown): AsyncGenerator<readonly unknown[]> {
    const given = new Set<unknown>();
    for (;;) {
      await this.turn();
      const items = await allPages(call() as AsyncIterable<readonly Keyed[]>);
      const keys = items.map(keyOf);
      const last = Math.max(-1, ...keys.map((key, at) => (given.has(key) ? at : -1)));
      const next = items[last + 1];
      if (!next) return;
      given.add(keyOf(next));
      yield [next];
    }
  }
}

interface Keyed {
  readonly number?: number;
  readonly id?: string;
  readonly project?: string;
}

function keyOf({ number, id, project }: Keyed): unknown {
  return number ?? id ?? project;
}

const AsyncGeneratorFunction = Object.getPrototypeOf(async function* () {
  yield undefined;
}).constructor as new () => object;

function isPaged(value: object): boolean {
  return value instanceof AsyncGeneratorFunction;
}

/** Everything that follows of itself has happened: the stores are in memory, so nothing waits for more than promises. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
