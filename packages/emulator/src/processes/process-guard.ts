import { spawn } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * Reads `+ <pid>` and `- <pid>` lines; at the end of input it kills the groups still listed. The end of
 * input comes when the emulator closes the pipe or dies, by SIGKILL too. A group's id cannot be taken by
 * another process while a member lives, so killing at that moment hits no stranger.
 */
const SCRIPT = `
live=""
while read -r change pid; do
  rest=""
  for one in $live; do [ "$one" = "$pid" ] || rest="$rest $one"; done
  [ "$change" = "+" ] && rest="$rest $pid"
  live="$rest"
done
for pid in $live; do kill -9 "-$pid" 2>/dev/null; done
exit 0
`;

/** A shell that outlives the emulator for a moment and ends what it left running. */
export class ProcessGuard {
  readonly #input: Writable;

  constructor() {
    const shell = spawn("/bin/sh", ["-c", SCRIPT], {
      detached: true,
      env: {},
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#input = shell.stdin;
    // Without a guard (no shell, or it was killed) leftovers are found at the next start instead.
    shell.on("error", () => {});
    shell.stdin.on("error", () => {});
    shell.unref();
    (shell.stdin as Writable & { unref?: () => void }).unref?.();
  }

  add(leader: number): void {
    this.#input.write(`+ ${leader}\n`);
  }

  remove(leader: number): void {
    this.#input.write(`- ${leader}\n`);
  }

  close(): void {
    this.#input.end();
  }
}
