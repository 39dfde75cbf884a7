import { spawn } from "node:child_process";
import { once } from "node:events";

const PATIENCE_MS = 90_000;

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly home: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a client sees of this machine: its own home, and where programs are. */
export function clientEnv({ home, env }: CommandOptions): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOME: home, NO_COLOR: "1", ...env };
}

/** Runs a script with this Node to its end. @throws Error with what it said when it fails. */
export function runScript(
  script: string,
  words: readonly string[],
  options: CommandOptions,
): Promise<Said> {
  return runProgram(process.execPath, [script, ...words], options);
}

/** Runs a program to its end. @throws Error with what it said when it fails, or is not there. */
export async function runProgram(
  program: string,
  words: readonly string[],
  options: CommandOptions,
): Promise<Said> {
  const child = spawn(program, words, {
    cwd: options.cwd ?? options.home,
    env: clientEnv(options),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE_MS,
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) throw new Error(`ended with ${code ?? signal}: ${said.stderr || said.stdout}`);
  return said;
}

/** Lines a user would frown at. */
export function complaintsIn(text: string): string[] {
  return text.split("\n").filter((line) => /warn|error|fail|deprecat|invalid/i.test(line));
}
