import { spawnSync } from "node:child_process";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "..");

export interface Step {
  readonly name: string;
  /** Executable of node_modules/.bin, or a script of ours run by this Node. */
  readonly command: readonly [string, ...string[]];
}

/** Runs steps one after the other; stops at the first that fails, with its exit code. Prints what each took. */
export function runSteps(steps: readonly Step[]): never {
  for (const { name, command } of steps) {
    const started = performance.now();
    process.stdout.write(`\n── ${name}\n`);
    const [program, ...args] = command;
    const isScript = program.endsWith(".ts");
    const executable = isScript
      ? process.execPath
      : path.join(root, "node_modules", ".bin", program);
    const done = spawnSync(
      executable,
      isScript ? ["--disable-warning=ExperimentalWarning", program, ...args] : args,
      { cwd: root, stdio: "inherit" },
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      `── ${name}: ${done.status === 0 ? "ok" : `failed (${done.status ?? done.signal})`}, ${seconds} s\n`,
    );
    if (done.status !== 0) process.exit(done.status ?? 1);
  }
  process.exit(0);
}
