/** A program to be run on a worker's machine. */
export interface Command {
  /** Absolute path of the executable. */
  readonly file: string;
  readonly args: readonly string[];
  /** Where it runs; absolute. */
  readonly folder: string;
  /** All it finds in its environment, but for a mark of the call it belongs to. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process of a call. It reads nothing; what it writes has to be read, or it waits. */
export interface CallProcess {
  readonly pid: number | undefined;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Settles when it has ended itself; what it started may still hold its output. Rejects as `ended`. */
  readonly exited: Promise<ProcessEnd>;
  /** Settles when it has ended and its output is closed. Rejects when it could not be started. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends it at once, with all that is still of its group. */
  kill(): void;
}

export interface ProcessEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** SIGKILL that nobody sent is Linux's way to say that memory ran out. */
  readonly signal: string | null;
}
