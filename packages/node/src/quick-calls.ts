import { type BigIntStats, lstat, lstatSync, open, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";

/** What the system has in memory it tells in microseconds; who waits longer waits for a disk or a network. */
const SLOW_MS = 0.1;
/** So many calls have threads after one that was slow. */
const ASIDE = 32;

const lstatAside = promisify(lstat);
const openAside = promisify(open);
const readAside = promisify(read);

/** Calls of the file system that have threads only while it is slow: handing one over costs six times what a quick one takes. */
class QuickCalls {
  #aside = 0;

  lstat(path: string): Promise<BigIntStats> {
    return this.#call(
      () => lstatSync(path, { bigint: true }),
      () => lstatAside(path, { bigint: true }),
    );
  }

  open(path: string, flags: number): Promise<number> {
    return this.#call(
      () => openSync(path, flags),
      () => openAside(path, flags),
    );
  }

  /** Bytes that came to lie at `taken` of the content, of the file's from `taken` on. */
  read(file: number, content: Uint8Array, taken: number): Promise<number> {
    const length = content.length - taken;
    return this.#call(
      () => readSync(file, content, taken, length, taken),
      async () => (await readAside(file, content, taken, length, taken)).bytesRead,
    );
  }

  async #call<Answer>(now: () => Answer, aside: () => Promise<Answer>): Promise<Answer> {
    if (this.#aside > 0) {
      this.#aside -= 1;
      return aside();
    }
    const started = performance.now();
    try {
      return now();
    } finally {
      if (performance.now() - started > SLOW_MS) this.#aside = ASIDE;
    }
  }
}

/** Of this process: the folders it works on mostly lie on one disk. */
export const quickCalls = new QuickCalls();
