import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** An installed package: some hundred real files that no test wrote. */
export const zodFolder = path.dirname(createRequire(import.meta.url).resolve("zod/package.json"));

/** Content of every file below a folder, by relative path. */
export function readTree(folder: string): Readonly<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files[path.relative(folder, file)] = new Uint8Array(readFileSync(file));
  }
  return files;
}

/** Runs a command of the system in the C locale; an exit code over 1 throws. */
export function sh(command: string, cwd: string): string {
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const shell = `${command}; code=$?; [ $code -le 1 ]`;
  return execFileSync("sh", ["-c", shell], { cwd, env, encoding: "utf8", maxBuffer: 100_000_000 });
}
