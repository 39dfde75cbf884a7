/** Between two lines where lines stay; on a terminal the line is rewritten, as often as it changes. */
const LINE_MS = 500;

/** One line of progress: rewritten in place on a terminal; elsewhere a line now and then, and the last. */
export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  #held: string | undefined;
  #written = Number.NEGATIVE_INFINITY;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(progress: number, total: number | undefined, message = ""): void {
    const share = total
      ? `${String(Math.floor((100 * progress) / total)).padStart(3)} %`
      : String(progress);
    this.tell(`${share}  ${message}`);
  }

  /** What has no number. */
  tell(text: string): void {
    this.#held = text;
    if (this.#out.isTTY) this.#rewrite(this.#held);
    else if (performance.now() - this.#written >= LINE_MS) this.#append();
  }

  end(): void {
    if (this.#held === undefined) return;
    if (this.#out.isTTY) this.#rewrite("");
    else this.#append();
  }

  #rewrite(text: string): void {
    this.#out.write(`\r\u001b[2K${text.slice(0, Math.max(20, this.#out.columns - 1))}`);
  }

  #append(): void {
    if (this.#held !== undefined) this.#out.write(`${this.#held}\n`);
    this.#held = undefined;
    this.#written = performance.now();
  }
}
