import { byteLength } from "@zenode/core";

/** The beginning and the end of an output, in whole lines, however long it is. */
export class KeptOutput {
  readonly #half: number;
  readonly #head: string[] = [];
  #headBytes = 0;
  #isHeadFull = false;
  #tail: string[] = [];
  #tailBytes = 0;
  #left = 0;

  /** `most`: bytes of UTF-8 to keep. */
  constructor(most: number) {
    this.#half = most / 2;
  }

  add(line: string): void {
    const bytes = byteLength(line) + 1;
    if (!this.#isHeadFull && this.#headBytes + bytes <= this.#half) {
      this.#head.push(line);
      this.#headBytes += bytes;
      return;
    }
    this.#isHeadFull = true;
    this.#tail.push(line);
    this.#tailBytes += bytes;
    // Dropped in bulk: to shift them one by one would cost as much as there are.
    if (this.#tailBytes > 4 * this.#half) this.#trim();
  }

  get isCut(): boolean {
    this.#trim();
    return this.#left > 0;
  }

  /** Says in its place how many lines are missing. */
  text(): string {
    this.#trim();
    const gap = this.#left > 0 ? [`[… ${this.#left} lines left out …]`] : [];
    return [...this.#head, ...gap, ...this.#tail].join("\n");
  }

  #trim(): void {
    let [start, bytes] = [0, this.#tailBytes];
    for (; bytes > this.#half && start < this.#tail.length; start++) {
      bytes -= byteLength(this.#tail[start] ?? "") + 1;
    }
    if (start === 0) return;
    this.#tail = this.#tail.slice(start);
    this.#tailBytes = bytes;
    this.#left += start;
  }
}
