/** A text's lines by where they begin, without a string for each. */
export class LineStarts {
  /** A last one without a newline counts. */
  readonly count: number;
  readonly text: string;
  /** Of each line, and the text's length behind them. */
  readonly #starts: Uint32Array;

  constructor(text: string) {
    this.text = text;
    let count = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
    if (text !== "" && !text.endsWith("\n")) count++;
    this.count = count;
    this.#starts = new Uint32Array(count + 1);
    for (let line = 1; line < count; line++) {
      this.#starts[line] = text.indexOf("\n", this.#starts[line - 1]) + 1;
    }
    this.#starts[count] = text.length;
  }

  /** Of a line, from 0; behind the last one: the text's length. */
  startOf(line: number): number {
    return this.#starts[Math.min(line, this.count)] ?? 0;
  }

  /** Undefined: there is no such line. */
  lineAt(line: number): string | undefined {
    if (line >= this.count) return undefined;
    return this.text.slice(this.startOf(line), this.startOf(line + 1));
  }

  /** How many of these lines stand there, one below the other. */
  countSame(lines: readonly string[], from: number): number {
    const differs = lines.findIndex((line, at) => !this.#isSame(line, from + at));
    return differs < 0 ? lines.length : differs;
  }

  #isSame(line: string, at: number): boolean {
    if (at >= this.count) return false;
    const start = this.startOf(at);
    return this.startOf(at + 1) - start === line.length && this.text.startsWith(line, start);
  }
}
