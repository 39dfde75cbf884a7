/** A patch, line by line. */
export class PatchLines {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(patch: string) {
    const lines = patch.split("\n");
    if (lines.at(-1) === "") lines.pop();
    this.#lines = lines;
  }

  /** Of the line that `peek` gives, from 1. */
  get number(): number {
    return this.#at + 1;
  }

  /** The line that comes, or one behind it, without its newline; undefined: there is none. */
  peek(ahead = 0): string | undefined {
    return this.#lines[this.#at + ahead];
  }

  /** The same without the carriage return that its way here may have put there: for headers. */
  peekHeader(ahead = 0): string | undefined {
    return this.peek(ahead)?.replace(/\r$/, "");
  }

  skip(): void {
    this.#at++;
  }

  /** Whether what the patch says of a file begins here. */
  isFileStart(): boolean {
    const line = this.peek() ?? "";
    if (line.startsWith("diff --git ")) return true;
    return line.startsWith("--- ") && (this.peek(1) ?? "").startsWith("+++ ");
  }
}
