/** One line per progress notification: rewritten in place on a terminal, appended elsewhere. */
export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  #shown = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(progress: number, total: number | undefined, message: string | undefined): void {
    const share = total
      ? `${String(Math.floor((100 * progress) / total)).padStart(3)} %`
      : String(progress);
    const text = `${share}  ${message ?? ""}`;
    if (this.#out.isTTY)
      this.#out.write(`\r\u001b[2K${text.slice(0, Math.max(20, this.#out.columns - 1))}`);
    else this.#out.write(`${text}\n`);
    this.#shown = true;
  }

  end(): void {
    if (this.#shown && this.#out.isTTY) this.#out.write("\r\u001b[2K");
  }
}
