import type { Sandbox, SandboxEnd } from "@zenode/core";
import { ByteSource } from "./byte-source.ts";
import { printable, tooLarge } from "./incoming-files.ts";

/** The sandbox's name for the folder that git works in. */
export const REPOSITORY = "repository";

/** Of what git writes to its standard error, the end says why it failed. */
const KEPT_TEXT = 4_096;

/**
 * Of its own configuration git reads none, so here stands all of it: nothing is run beside git, nothing is asked,
 * what is fetched is checked.
 */
const CONFIGURATION = [
  ["protocol.allow", "never"],
  ["http.followRedirects", "false"],
  ["http.lowSpeedLimit", "1000"],
  ["http.lowSpeedTime", "60"],
  ["transfer.fsckObjects", "true"],
  ["transfer.bundleURI", "false"],
  // What is fetched stays one file, whose size can be watched.
  ["fetch.unpackLimit", "1"],
  ["core.hooksPath", "/dev/null"],
  ["core.bigFileThreshold", "16m"],
  ["credential.helper", ""],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["submodule.recurse", "false"],
] as const;

const ENVIRONMENT = {
  GIT_DIR: "repository.git",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "/bin/false",
  GIT_NO_REPLACE_OBJECTS: "1",
  LC_ALL: "C",
} as const;

export interface GitOptions {
  /** `REPOSITORY` was given to it. */
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
  readonly tell: (message: string) => void;
}

export interface GitCommand {
  readonly args: readonly string[];
  /** The one transport that it may use; absent: none. */
  readonly protocol?: "https" | "http" | "file";
  readonly config?: readonly (readonly [key: string, value: string])[];
  /** A file that it reads as its standard input. */
  readonly input?: string;
}

/** git's refusal: its exit code and the end of what it said. */
export class GitFailure extends Error {
  override readonly name = "GitFailure";
  readonly said: string;
  constructor(said: string) {
    super(said);
    this.said = said;
  }
}

/** Runs git in the sandbox, one command after the other. */
export class Git {
  readonly #options: GitOptions;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /** All of its output, which is short. @throws as `read`. */
  async run(command: GitCommand): Promise<string> {
    const all = await this.read(command, (output) => new ByteSource(output).take(Infinity));
    return all.toString("utf8");
  }

  /**
   * What `take` makes of its output. @throws GitFailure; RefusedError `too_large` (more disk or memory than there is for it);
   *   the signal's reason; what `take` throws.
   */
  async read<Taken>(
    command: GitCommand,
    take: (output: AsyncIterable<Uint8Array>) => Promise<Taken>,
  ): Promise<Taken> {
    const { sandbox, signal } = this.#options;
    signal.throwIfAborted();
    const process = await sandbox.run({ ...toProgram(command), project: REPOSITORY, folder: "" });
    const kill = () => process.kill();
    signal.addEventListener("abort", kill, { once: true });
    if (signal.aborted) kill();
    const taking = take(process.stdout);
    // What is not read to its end would keep it from ending.
    taking.catch(kill);
    const said = this.#listen(process.stderr);
    try {
      const [end, text] = await Promise.all([process.ended, said]);
      signal.throwIfAborted();
      const taken = await taking;
      if (end.code !== 0) throw toFailure(end, text);
      return taken;
    } finally {
      signal.removeEventListener("abort", kill);
      kill();
    }
  }

  /** Tells its progress; the end of all it said. */
  async #listen(output: AsyncIterable<Uint8Array>): Promise<string> {
    let text = "";
    for await (const chunk of output) {
      text = (text + Buffer.from(chunk).toString("utf8")).slice(-KEPT_TEXT);
      const lines = text.split(/[\r\n]+/);
      const whole = lines.at(-2);
      if (whole) this.#options.tell(printable(whole.replace(/^remote: /, "")).trim());
    }
    return text;
  }
}

function toFailure({ exceeded }: SandboxEnd, said: string): Error {
  if (exceeded === undefined) return new GitFailure(said);
  return tooLarge(`more than there is ${exceeded === "disk" ? "disk" : "memory"} for`);
}

function toProgram({ args, protocol, config = [], input }: GitCommand) {
  const allowed = protocol === undefined ? [] : [[`protocol.${protocol}.allow`, "always"] as const];
  const settings = [...CONFIGURATION, ...allowed, ...config];
  const all = [...settings.flatMap(([key, value]) => ["-c", `${key}=${value}`]), ...args];
  const environment = { ...ENVIRONMENT, GIT_ALLOW_PROTOCOL: protocol ?? "none" };
  if (input === undefined) return { file: "git", args: all, environment };
  const line = 'input=$1; shift; exec git "$@" < "$input"';
  return { file: "/bin/sh", args: ["-c", line, "sh", input, ...all], environment };
}
