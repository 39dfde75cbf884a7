import { KIB, type ToolContext } from "@zenode/core";

/** Lines that come together are told together this often; each by itself while they are few. */
const PAUSE_MS = 100;
const FEW_LINES = 20;
/** Of one message that tells many lines. */
const MESSAGE_CHARACTERS = 4 * KIB;
/** Told live of one command; its result has the beginning and the end in any case. */
const LIVE_CHARACTERS = 256 * KIB;
/** Then only that it still writes, this often. */
const SILENT_PAUSE_MS = 5_000;

/** Tells the caller what a command writes while it runs: each message is one that must be stored, so they are bounded. */
export class LiveOutput {
  readonly #context: Pick<ToolContext, "progress" | "clock">;
  #waiting: string[] = [];
  #lines = 0;
  #told = 0;

  constructor(context: Pick<ToolContext, "progress" | "clock">) {
    this.#context = context;
  }

  add(line: string): void {
    this.#lines += 1;
    // Of what comes within a pause no more is told than a message holds.
    if (this.#waiting.length < MESSAGE_CHARACTERS) this.#waiting.push(line);
  }

  /** Tells until the signal aborts, then what is left. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    while (!signal.aborted) {
      await clock.sleep(this.#told < LIVE_CHARACTERS ? PAUSE_MS : SILENT_PAUSE_MS, signal);
      this.#tell();
    }
  }

  #tell(): void {
    const lines = this.#waiting;
    this.#waiting = [];
    if (lines.length === 0) return;
    if (this.#told >= LIVE_CHARACTERS) {
      this.#context.progress(this.#lines, undefined, `${this.#lines} lines so far`);
    } else if (lines.length <= FEW_LINES) {
      for (const [at, line] of lines.entries())
        this.#say(this.#lines - lines.length + at + 1, line);
    } else {
      this.#say(this.#lines, lines.join("\n"));
    }
  }

  #say(number: number, text: string): void {
    const message = text.slice(0, MESSAGE_CHARACTERS);
    this.#told += message.length + 1;
    this.#context.progress(number, undefined, message);
  }
}
