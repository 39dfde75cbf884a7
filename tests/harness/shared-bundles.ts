import { readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bundle, ENTRIES } from "../../scripts/bundles.ts";

const made = new Map<string, Promise<string>>();
const NAME = /^zenode-bundles-(\d+)-\d+$/;

/**
 * The deployable bundles with some entries replaced (name to source file), built once per test
 * process. Without replacements leave `bundles` out of startPath: it keeps those across processes.
 */
export function sharedBundles(replaced: Readonly<Record<string, string>>): Promise<string> {
  const key = JSON.stringify(Object.entries(replaced).sort());
  const before = made.get(key) ?? make(replaced, made.size);
  made.set(key, before);
  return before;
}

async function make(replaced: Readonly<Record<string, string>>, number: number): Promise<string> {
  await removeLeftovers();
  const folder = path.join(os.tmpdir(), `zenode-bundles-${process.pid}-${number}`);
  await bundle(
    ENTRIES.map(({ name, source }) => ({ name, source: replaced[name] ?? source })),
    folder,
  );
  return folder;
}

/** A test process is told nothing of its end; so the next one clears up after those that are gone. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}
