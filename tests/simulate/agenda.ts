interface Entry {
  readonly at: number;
  /** What is due at the same moment happens in the order it was asked for. */
  readonly order: number;
  readonly happen: () => void;
}

/** Simulated time, in seconds, and what is due: a binary heap. No clock of the machine is read. */
export class Agenda {
  #now: number;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  /** @throws RangeError for a moment that is over or is none. */
  at(time: number, happen: () => void): void {
    if (!(time >= this.#now)) throw new RangeError(`${time} is before ${this.#now}.`);
    const entry = { at: time, order: this.#order, happen };
    this.#order += 1;
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1, entry);
  }

  in(seconds: number, happen: () => void): void {
    this.at(this.#now + seconds, happen);
  }

  /** Lets everything happen that is due up to `end`, and whatever that brings. */
  run(end = Number.POSITIVE_INFINITY): void {
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#take();
      this.#now = next.at;
      next.happen();
    }
    if (end !== Number.POSITIVE_INFINITY) this.#now = end;
  }

  #take(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) this.#sink(last);
  }

  #rise(from: number, entry: Entry): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as Entry;
      if (isBefore(above, entry)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = entry;
  }

  #sink(entry: Entry): void {
    let at = 0;
    for (;;) {
      const child = this.#smallerChild(at);
      if (!child || isBefore(entry, child.entry)) break;
      this.#heap[at] = child.entry;
      at = child.index;
    }
    this.#heap[at] = entry;
  }

  #smallerChild(at: number): { readonly index: number; readonly entry: Entry } | undefined {
    const index = 2 * at + 1;
    const [left, right] = [this.#heap[index], this.#heap[index + 1]];
    if (!left) return undefined;
    return right && isBefore(right, left)
      ? { index: index + 1, entry: right }
      : { index, entry: left };
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
