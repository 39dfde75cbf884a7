import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { isGone, push } from "@zenode/core";
import { checkoutSnapshot, openFolder } from "@zenode/node";
import type { Judge } from "./judge.ts";
import { type Changing, changingOf, type Line } from "./judge-refusal.ts";
import { Process, type Stores } from "./processes.ts";
import { differences, isSameState, type Leaf, leadsOut, type State, upperFirst } from "./state.ts";
import { FAIR, Weather } from "./weather.ts";

/** Nothing is collected here. */
const KEPT = { snapshotsKept: 1, daysKept: 1 };

/**
 * Does the same steps with plain local folders, one for each snapshot, and says where they are not what the project
 * is; then checks the newest snapshots out and pushes them from there. Empty: all agree.
 */
export async function judgeWithFolders(judge: Judge, stores: Stores): Promise<readonly string[]> {
  const top = await mkdtemp(path.join(os.tmpdir(), "zenode-sequence-"));
  try {
    const faults: string[] = [];
    for (const [project, line] of judge.lines) {
      const folder = path.join(top, project);
      faults.push(...(await replay(folder, project, line)));
      const record = await stores.snapshots.head(stores.tenant, project);
      if (isGone(record)) continue;
      const checkout = path.join(folder, "checkout");
      await checkoutSnapshot(await judge.openCold(record), checkout);
      faults.push(...(await compare(checkout, `The checkout of ${project}`, line.states.at(-1))));
      const outcome = await pushBack(checkout, project, stores);
      if (outcome.kind === "unchanged" && outcome.snapshot === record.number) continue;
      faults.push(`The checkout of ${project}, pushed, is ${JSON.stringify(outcome)}.`);
    }
    return faults;
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

async function replay(top: string, project: string, line: Line): Promise<readonly string[]> {
  const faults: string[] = [];
  const at = (number: number) => path.join(top, String(number));
  await mkdir(at(0), { recursive: true });
  for (const [number, state] of line.states.entries()) {
    const intent = line.makers[number]?.intent;
    if (number === 0) continue;
    if (intent?.kind === "push") await writeAll(at(number), intent.files);
    else if (intent?.kind === "remove") await mkdir(at(number));
    else if (intent?.kind === "sync") await writeAll(at(number), state);
    else await cp(at(number - 1), at(number), { recursive: true, verbatimSymlinks: true });
    const changing = intent && changingOf(intent, line);
    if (changing) await applyToFolder(at, { number, ...changing });
    faults.push(...(await compare(at(number), `The folder of ${project} ${number}`, state)));
  }
  return faults;
}

async function writeAll(folder: string, files: State): Promise<void> {
  await mkdir(folder);
  for (const [at, leaf] of files) {
    if (leaf.kind === "link" && leadsOut(at, leaf.target)) continue;
    await put(path.join(folder, at), leaf);
  }
}

async function applyToFolder(
  at: (number: number) => string,
  { number, base, changes }: Changing & { readonly number: number },
): Promise<void> {
  const folder = at(number);
  for (const change of upperFirst(changes)) {
    const target = path.join(folder, change.path);
    await rm(target, { recursive: true, force: true });
    if (change.kind === "absent") continue;
    if (change.kind === "file" || change.kind === "link") await put(target, change);
    else if (change.kind === "copy") await copy(path.join(at(base), change.from), target);
    else await copy(path.join(at(change.source), change.path), target);
  }
  await prune(folder);
}

async function copy(source: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await cp(source, target, { recursive: true, verbatimSymlinks: true });
}

async function put(target: string, leaf: Leaf): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  if (leaf.kind === "link") return symlink(leaf.target, target);
  await writeFile(target, leaf.content);
  await chmod(target, leaf.executable ? 0o755 : 0o644);
}

/** Directories without files do not exist. */
async function prune(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const below = path.join(folder, entry.name);
    await prune(below);
    if ((await readdir(below)).length === 0) await rmdir(below);
  }
}

async function compare(
  folder: string,
  what: string,
  expected: State | undefined,
): Promise<readonly string[]> {
  const found = new Map<string, Leaf>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(folder, file);
    if (entry.isSymbolicLink()) found.set(relative, { kind: "link", target: await readlink(file) });
    if (!entry.isFile()) continue;
    const executable = ((await stat(file)).mode & 0o100) !== 0;
    found.set(relative, { kind: "file", content: await readFile(file, "utf8"), executable });
  }
  if (expected && isSameState(expected, found)) return [];
  return [`${what} is not what it must be: ${differences(expected ?? new Map(), found)}.`];
}

async function pushBack(folder: string, project: string, stores: Stores) {
  const weather = new Weather(FAIR, () => 1);
  const client = new Process({
    stores,
    weather,
    sabotage: {},
    retention: KEPT,
    announce: () => undefined,
  });
  const transport = client.transport("ada");
  const { codec } = stores;
  return push({ project, message: "", source: openFolder(folder), transport, codec });
}
