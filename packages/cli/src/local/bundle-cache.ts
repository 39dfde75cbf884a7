import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { DAY } from "@zenode/core";
import { bundle, ENTRIES } from "../../../../scripts/bundles.ts";

const ROOT = path.resolve(import.meta.dirname, "../../../..");
/** Beside the installed packages: gone when they are. */
const CACHE = path.join(ROOT, "node_modules", ".cache", "zenode-bundles");
const MANIFEST = path.join(CACHE, "manifest.json");

/** Size and modification time of every source file that went into the bundles. */
interface Manifest {
  readonly folder: string;
  readonly inputs: Readonly<Record<string, readonly [bytes: number, modified: number]>>;
}

/** The folder of the deployable bundles: the one made before if no source has changed, else a new one. */
export async function cachedBundles(): Promise<string> {
  const manifest = readManifest();
  if (manifest && isFresh(manifest)) return manifest.folder;
  await mkdir(CACHE, { recursive: true });
  // Made aside and named last: several starts at once, or one that dies, leave nothing half.
  const folder = await mkdtemp(path.join(CACHE, "build-"));
  const { results } = await bundle(ENTRIES, folder);
  const sources = [...results.values()].flatMap(({ metafile }) =>
    Object.keys(metafile?.inputs ?? {}),
  );
  const inputs = Object.fromEntries(
    [...new Set(sources)].map((source) => [source, factsOf(source)]),
  );
  await writeFile(`${folder}.json`, JSON.stringify({ folder, inputs } satisfies Manifest));
  renameSync(`${folder}.json`, MANIFEST);
  await removeOld(folder);
  return folder;
}

function readManifest(): Manifest | undefined {
  return existsSync(MANIFEST)
    ? (JSON.parse(readFileSync(MANIFEST, "utf8")) as Manifest)
    : undefined;
}

function isFresh({ folder, inputs }: Manifest): boolean {
  if (!existsSync(folder)) return false;
  return Object.entries(inputs).every(([source, [bytes, modified]]) => {
    const now = factsOf(source);
    return now[0] === bytes && now[1] === modified;
  });
}

function factsOf(source: string): [number, number] {
  const facts = statSync(path.join(ROOT, source), { throwIfNoEntry: false });
  return facts ? [facts.size, facts.mtimeMs] : [-1, -1];
}

/** Builds that no instance started in the last day can use any more. */
async function removeOld(current: string): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const entry = path.join(CACHE, name);
    if (!name.startsWith("build-") || entry === current) continue;
    if (Date.now() - (await stat(entry)).mtimeMs > DAY)
      await rm(entry, { recursive: true, force: true });
  }
}
